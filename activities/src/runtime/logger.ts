import type { Logger } from './ports.ts';
import type { Redactor } from './secrets.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** The same logger with attributes that every line carries. */
export const withAttributes = (logger: Logger, fixed: Attributes): Logger => ({
  debug: (message, attributes) => logger.debug(message, { ...fixed, ...attributes }),
  info: (message, attributes) => logger.info(message, { ...fixed, ...attributes }),
  warn: (message, attributes) => logger.warn(message, { ...fixed, ...attributes }),
  error: (message, attributes) => logger.error(message, { ...fixed, ...attributes }),
});

/** For a node's own lines: the attempt's secrets are removed from every text in them. */
export const redactingLogger = (logger: Logger, redactor: Redactor): Logger => {
  const clean = (attributes: Attributes = {}): Attributes =>
    JSON.parse(redactor.text(JSON.stringify(attributes))) as Attributes;
  return {
    debug: (message, attributes) => logger.debug(redactor.text(message), clean(attributes)),
    info: (message, attributes) => logger.info(redactor.text(message), clean(attributes)),
    warn: (message, attributes) => logger.warn(redactor.text(message), clean(attributes)),
    error: (message, attributes) => logger.error(redactor.text(message), clean(attributes)),
  };
};

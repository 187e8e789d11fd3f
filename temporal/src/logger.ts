import { type Logger as PinoLogger, pino } from 'pino';

/** A constant message, then attributes. Never inputs, outputs or secrets. */
export interface Logger {
  debug(message: string, attributes?: Readonly<Record<string, unknown>>): void;
  info(message: string, attributes?: Readonly<Record<string, unknown>>): void;
  warn(message: string, attributes?: Readonly<Record<string, unknown>>): void;
  error(message: string, attributes?: Readonly<Record<string, unknown>>): void;
  /** The same logger with attributes on every line. */
  with(attributes: Readonly<Record<string, unknown>>): Logger;
}

export interface LoggerOptions {
  /** `api`, `worker`: on every line. */
  readonly service: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where the lines go; standard output by default. */
  readonly write?: (line: string) => void;
}

/** One JSON object per line: `level`, `time`, `service`, `message`, and the attributes. */
export const createLogger = ({ service, level, write }: LoggerOptions): Logger => {
  const options = {
    level,
    base: { service },
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: toPlainError },
  };
  return wrap(write ? pino(options, { write }) : pino(options));
};

/** Only these fields: an error's own ones (request, response, details) may hold a value that belongs to somebody. */
const toPlainError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? { code: error.code } : {};
  return { name, message, ...code, stack, ...(cause === undefined ? {} : { cause: toPlainError(cause) }) };
};

const wrap = (target: PinoLogger): Logger => ({
  debug: (message, attributes) => target.debug(attributes ?? {}, message),
  info: (message, attributes) => target.info(attributes ?? {}, message),
  warn: (message, attributes) => target.warn(attributes ?? {}, message),
  error: (message, attributes) => target.error(attributes ?? {}, message),
  with: (attributes) => wrap(target.child(attributes)),
});

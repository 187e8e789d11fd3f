import { logFormat } from '@everwave/schema/observe';
import { type Logger as PinoLogger, pino } from 'pino';
import { createBufferedOutput, type Output } from './buffered-output.ts';
import { traceFields } from './tracing/tracing.ts';

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
  /** Where the lines go; by default standard output, an error at once and everything else a tenth of a second later at most. */
  readonly write?: (line: string) => void;
}

/** One JSON object per line: `level`, `time`, `service`, `message`, the trace where there is one, and the attributes. */
export const createLogger = ({ service, level, write }: LoggerOptions): Logger => {
  const options = { ...logFormat({ service, level }), mixin: traceFields };
  const output: Output = write ? { write, flush: () => {} } : standardOutput();
  return wrap(pino(options, output), output);
};

let shared: Output | undefined;
/** One for all loggers of the process, so that their lines stay in order. */
const standardOutput = (): Output => (shared ??= createBufferedOutput());

const wrap = (target: PinoLogger, output: Output): Logger => ({
  debug: (message, attributes) => target.debug(attributes ?? {}, message),
  info: (message, attributes) => target.info(attributes ?? {}, message),
  warn: (message, attributes) => target.warn(attributes ?? {}, message),
  error: (message, attributes) => {
    target.error(attributes ?? {}, message);
    output.flush();
  },
  with: (attributes) => wrap(target.child(attributes), output),
});

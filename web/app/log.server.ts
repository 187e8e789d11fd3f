import { pino, type Logger } from 'pino';
import { env } from './env.server.ts';

let logger: Logger | undefined;

export const log = (): Logger => {
  logger ??= pino({
    level: env().logLevel,
    base: { service: 'web' },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  return logger;
};

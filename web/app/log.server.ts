import { logFormat } from '@everwave/schema/observe';
import { pino, type Logger } from 'pino';
import { env } from './env.server.ts';

let logger: Logger | undefined;

export const log = (): Logger => {
  logger ??= pino(logFormat({ service: 'web', level: env().logLevel }));
  return logger;
};

import type { Logger } from '@everwave/temporal/logger';
import { DefaultLogger, type LogLevel, Runtime } from '@temporalio/worker';

const levels: Record<LogLevel, 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** Sends the SDK's own log lines, and those of workflows and activities, through our logger. Once per process. */
export const installRuntime = (logger: Logger): void => {
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const { taskEncoded: _, task: __, taskToken: ___, error, ...attributes } = meta ?? {};
      logger[levels[level]](message, { ...attributes, ...(error === undefined ? {} : { error }) });
    }),
    shutdownSignals: [],
  });
};

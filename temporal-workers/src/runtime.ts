import { type AddressInfo, createServer } from 'node:net';
import type { Logger } from '@everwave/temporal/logger';
import { DefaultLogger, type LogLevel, Runtime } from '@temporalio/worker';
import { toLogAttributes } from './sdk-log-attributes.ts';

const levels: Record<LogLevel, 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/**
 * Sends the SDK's own log lines, its native core's included, and those of workflows and activities through our logger.
 * Once per process. At `coreMetrics` (host:port) the core serves its own series: polls, slots, task latencies, requests.
 */
export const installRuntime = (logger: Logger, coreMetrics?: string): void => {
  const runtime = Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      logger[isExpected(message) ? 'debug' : levels[level]](message, toLogAttributes(meta));
    }),
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(coreMetrics === undefined ? {} : { metrics: { prometheus: { bindAddress: coreMetrics, ...coreNames } } }),
    },
    shutdownSignals: [],
  });
  // The SDK says several such things about every task, and sorts each of them among the core's before ours leaves it out.
  Object.assign(runtime.logger, { trace: () => {}, debug: () => {} });
};

/** Said once for each queue that is served with activities alone, as most are: no news for an operator. */
const isExpected = (message: string): boolean => /^No (workflows|Nexus services) registered\b/.test(message);

/** Prometheus' own conventions for names and units. */
const coreNames = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };

/** Prometheus text of the series that the core serves there; nothing when it does not answer, so that ours are shown all the same. */
export const readCoreMetrics = async (coreMetrics: string, logger: Logger): Promise<string> => {
  try {
    const response = await fetch(`http://${coreMetrics}/metrics`, { signal: AbortSignal.timeout(2_000) });
    return await response.text();
  } catch (error) {
    logger.warn('the series of the Temporal core are missing', { error });
    return '';
  }
};

/** A loopback address for the core, which does not tell which port it took: one that was free a moment ago. */
export const findFreeAddress = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(`127.0.0.1:${port}`));
    });
  });

import { setTimeout as sleep } from 'node:timers/promises';
import { AskedToWait } from './node-errors.ts';
import { retryAfterMs } from './retry-after.ts';

/** A wait up to this long is spent inside the attempt; a longer one gives the worker's slot back. */
export const longestWaitInsideMs = 2000;
const defaultWaitMs = 30_000;
const longestWaitMs = 86_400_000;

/** Headers of a 429, names in lower case. */
type Headers429 = Readonly<Record<string, string | undefined>>;

/**
 * Waits out the 429s of one exchange. A 429 is no attempt: a short wait is spent here, and a long one, or many short
 * ones, throw `AskedToWait`.
 */
export const createRateLimitWait = (signal: AbortSignal): ((host: string, headers: Headers429) => Promise<void>) => {
  let waited = 0;
  return async (host, headers) => {
    const milliseconds = Number(headers['retry-after-ms'] || Number.NaN);
    const asked =
      retryAfterMs(Number.isNaN(milliseconds) ? headers['retry-after'] : milliseconds, Date.now()) ?? defaultWaitMs;
    if (waited + asked > longestWaitInsideMs) {
      const waitMs = Math.min(asked, longestWaitMs);
      throw new AskedToWait(`${host} asked us to wait ${Math.ceil(waitMs / 1000)} s (429).`, waitMs);
    }
    // Never zero, so that a service which says "now" again and again ends up on the long way.
    const pause = Math.max(asked, 100);
    waited += pause;
    await sleep(pause, undefined, { signal });
  };
};

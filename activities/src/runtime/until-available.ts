import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from './node-errors.ts';

/** Milliseconds between tries to keep what was made: it may have been paid for, and making it again costs again. */
const pausesOfSaving = [250, 500, 1_000, 2_000, 4_000];

/** Saves something while the store may be away. */
export const untilAvailable = async <T>(save: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  for (const pause of pausesOfSaving) {
    try {
      return await save();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await sleep(pause, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
  return save();
};

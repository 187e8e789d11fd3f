import type { Logger } from '@everwave/temporal/logger';
import { toLoggable } from './database-errors.ts';

/** Work that is looked for again and again, in every API process at once. */
export interface Loop {
  start(): void;
  /** Asks for a round at once instead of at the next tick. Never throws and does not wait. */
  kick(): void;
  /** One round. Returns how much it touched. */
  round(): Promise<number>;
  /** Resolves when the round in progress has ended. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  /** Touches what is due and says how much that was. */
  readonly round: () => Promise<number>;
  /** Milliseconds between rounds when nothing asks for one. */
  readonly interval: number;
  /** For the log: `dispatch`. */
  readonly name: string;
  readonly log: Logger;
}

export const createLoop = ({ round, interval, name, log }: LoopOptions): Loop => {
  let running = false;
  let asked = false;
  let wake: (() => void) | null = null;
  let loop: Promise<void> = Promise.resolve();

  const pause = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, interval);
    wake = resolve;
    return promise.finally(() => {
      clearTimeout(timer);
      wake = null;
    });
  };

  const roundOrLog = async (): Promise<number> => {
    try {
      return await round();
    } catch (error) {
      log.warn(`${name} round failed, will be tried again`, { error: toLoggable(error) });
      return 0;
    }
  };

  const run = async (): Promise<void> => {
    while (running) {
      asked = false;
      const touched = await roundOrLog();
      // More may be due after a round that found something, or that was asked for meanwhile.
      if (running && touched === 0 && !asked) await pause();
    }
  };

  return {
    start: () => {
      if (running) return;
      running = true;
      loop = run();
    },
    kick: () => {
      asked = true;
      wake?.();
    },
    round,
    stop: async () => {
      running = false;
      wake?.();
      await loop;
    },
  };
};

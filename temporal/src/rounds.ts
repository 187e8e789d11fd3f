import { toLoggable } from '@everwave/schema/db';
import type { Logger } from './logger.ts';

/** Work that is looked for again and again, in every process of its kind at once. */
export interface Rounds {
  start(): void;
  /** Asks for a round at once instead of at the next tick. Never throws and does not wait. */
  kick(): void;
  /** One round. Returns how much it touched. */
  round(): Promise<number>;
  /** Resolves when the round in progress has ended. */
  stop(): Promise<void>;
}

export interface RoundsOptions {
  /** Touches what is due and says how much that was. */
  readonly round: () => Promise<number>;
  /** Milliseconds between rounds when nothing asks for one. */
  readonly interval: number;
  /** For the log: `dispatch`. */
  readonly name: string;
  readonly logger: Logger;
}

export const createRounds = ({ round, interval, name, logger }: RoundsOptions): Rounds => {
  let running = false;
  let asked = false;
  let wake: () => void = () => {};
  let rounds: Promise<void> = Promise.resolve();

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, interval);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const roundOrLog = async (): Promise<number> => {
    try {
      return await round();
    } catch (error) {
      logger.warn(`${name} round failed, will be tried again`, { error: toLoggable(error) });
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
      rounds = run();
    },
    kick: () => {
      asked = true;
      wake();
    },
    round,
    stop: async () => {
      running = false;
      wake();
      await rounds;
    },
  };
};

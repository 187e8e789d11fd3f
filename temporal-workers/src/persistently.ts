import type { Logger } from '@everwave/temporal/logger';

export interface PersistentOptions {
  /** What is being tried, for the log: `database`. */
  readonly what: string;
  readonly logger: Logger;
  /** Milliseconds after which the last error is thrown. */
  readonly patience: number;
}

/** Tries until it works. Processes start together, so the first tries may come before the other side is there. */
export const persistently = async <T>(
  { what, logger, patience }: PersistentOptions,
  attempt: () => Promise<T>,
): Promise<T> => {
  const deadline = Date.now() + patience;
  for (let delay = 250; ; delay = Math.min(delay * 2, 4_000)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() + delay > deadline) throw error;
      logger.info('waiting for the other side', {
        what,
        reason: error instanceof Error ? error.message : String(error),
      });
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
};

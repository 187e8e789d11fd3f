import { toLoggable } from '@everwave/schema/db';
import type { Database } from '@everwave/schema/db';
import type { Logger } from '@everwave/temporal/logger';
import { sql } from 'drizzle-orm';

/** Milliseconds. */
const patience = 60_000;
const pause = 1_000;

/** Resolves when the database answers; throws its last word after a minute. */
export const waitForPostgres = async (db: Database, log: Logger): Promise<void> => {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      await db.execute(sql`select 1`);
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new Error('Postgres did not answer within a minute. Is it running where DATABASE_URL says?', {
          cause: error,
        });
      }
      log.warn('waiting for Postgres', { error: toLoggable(error) });
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
};

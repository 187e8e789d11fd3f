import type { Database } from '@everwave/schema/db';
import { sql } from 'drizzle-orm';
import { withDeadline } from '../with-deadline.ts';

/** better-auth says that it failed, not why. Asks the database: its error, if it does not answer, is the reason. */
export const explainFailure = async (db: Database, failure: unknown): Promise<unknown> => {
  try {
    await withDeadline(db.execute(sql`select 1`), 1_000);
    return failure;
  } catch (error) {
    return error;
  }
};

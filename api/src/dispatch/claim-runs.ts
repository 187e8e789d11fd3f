import { type Database, tables, withSystem } from '@everwave/schema/db';
import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm';

const { runs } = tables;

export type ClaimedRun = typeof runs.$inferSelect;

/** Seconds after which a claimed run whose process died is tried by another one. */
const claimSeconds = 30;

/**
 * Takes up to `limit` runs that Temporal has not confirmed, oldest first, for this process alone. The claim is a moment
 * in the future, not a lock held while Temporal is called; starting twice is harmless.
 */
export const claimRuns = (db: Database, limit: number): Promise<readonly ClaimedRun[]> =>
  withSystem(db, async (tx) => {
    const due = tx
      .select({ id: runs.id })
      .from(runs)
      .where(and(eq(runs.status, 'queued'), lte(runs.nextStartAt, sql`now()`)))
      .orderBy(asc(runs.id))
      .limit(limit)
      .for('update', { skipLocked: true });
    return tx
      .update(runs)
      .set({
        startAttempts: sql`${runs.startAttempts} + 1`,
        nextStartAt: sql`now() + make_interval(secs => ${claimSeconds})`,
      })
      .where(inArray(runs.id, due))
      .returning();
  });

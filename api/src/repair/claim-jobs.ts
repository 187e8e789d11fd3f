import { type Database, tables, withSystem } from '@everwave/schema/db';
import { and, asc, eq, inArray, isNull, lte, sql } from 'drizzle-orm';

const { repairJobs } = tables;

export type ClaimedJob = typeof repairJobs.$inferSelect;

/** Seconds after which a job whose process died is taken by another one: longer than a run is waited for. */
const claimSeconds = 60;

const inSeconds = (seconds: number) => sql`now() + make_interval(secs => ${seconds})`;

/** Takes jobs that are due, for this process alone. The claim is a moment in the future, not a lock: sending twice is harmless. */
export const claimJobs = (db: Database, limit: number): Promise<ClaimedJob[]> =>
  withSystem(db, async (tx) => {
    const due = await tx
      .select({ id: repairJobs.id })
      .from(repairJobs)
      .where(and(isNull(repairJobs.settledAt), lte(repairJobs.nextAt, sql`now()`)))
      .orderBy(asc(repairJobs.nextAt))
      .limit(limit)
      .for('update', { skipLocked: true });
    if (due.length === 0) return [];
    const ids = due.map(({ id }) => id);
    return tx
      .update(repairJobs)
      .set({ nextAt: inSeconds(claimSeconds) })
      .where(inArray(repairJobs.id, ids))
      .returning();
  });

/** Hands the job back: whoever comes first after so many milliseconds goes on with it. `reason` says what it waits for. */
export const releaseJob = async (
  db: Database,
  jobId: string,
  milliseconds: number,
  reason: string | null = null,
): Promise<void> => {
  await withSystem(db, async (tx) => {
    await tx
      .update(repairJobs)
      .set({ nextAt: inSeconds(milliseconds / 1_000) })
      .where(eq(repairJobs.id, jobId));
    await tx
      .update(repairJobs)
      .set({ reason })
      .where(and(eq(repairJobs.id, jobId), isNull(repairJobs.finishedAt)));
  });
};

/** Keeps the claim while a job takes long. */
export const extendClaim = { nextAt: inSeconds(claimSeconds) };

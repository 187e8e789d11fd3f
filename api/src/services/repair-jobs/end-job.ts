import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';

const { repairJobLetters, repairJobs } = tables;

export interface JobEnd {
  readonly status: 'done' | 'stopped' | 'cancelled';
  readonly reason?: string;
  readonly cancelledBy?: string;
}

/** Ends a job whose row the transaction holds: letters that were not begun never are. */
export const endJob = async (
  tx: Transaction,
  jobId: string,
  { status, reason, cancelledBy }: JobEnd,
): Promise<void> => {
  const now = new Date();
  await tx
    .update(repairJobLetters)
    .set({ outcome: 'untouched', settledAt: now })
    .where(and(eq(repairJobLetters.jobId, jobId), eq(repairJobLetters.outcome, 'waiting')));
  await tx
    .update(repairJobs)
    .set({
      status,
      reason: reason ?? null,
      cancelledBy: cancelledBy ?? null,
      finishedAt: now,
      updatedAt: now,
      nextAt: now,
    })
    .where(eq(repairJobs.id, jobId));
};

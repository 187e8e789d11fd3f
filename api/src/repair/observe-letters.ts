import type { RepairOutcome, Transaction } from '@everwave/schema/db';
import { tables } from '@everwave/schema/db';
import { type Failure, isClosed, type RunStatus, type StepStatus } from '@everwave/schema/run';
import { and, eq, sql } from 'drizzle-orm';

const { repairJobLetters, runs, runSteps } = tables;

interface Seen {
  readonly runStatus: RunStatus;
  /** What came of the retried step, as far as it is known. */
  readonly stepStatus: StepStatus | null;
  readonly failure: Failure | null;
}

type Verdict = {
  readonly outcome: Extract<RepairOutcome, 'repaired' | 'failed_again'>;
  readonly detail: string | null;
};

/** What became of a step that was retried; null while nobody knows. */
export const verdictOf = ({ runStatus, stepStatus, failure }: Seen): Verdict | null => {
  const failed = (otherwise: string): Verdict => ({
    outcome: 'failed_again',
    detail: failure ? `${failure.name}: ${failure.message}` : otherwise,
  });
  switch (stepStatus) {
    case 'succeeded':
    case 'skipped':
    case 'simulated':
      return { outcome: 'repaired', detail: null };
    case 'needs_attention':
    case 'failed':
      return failed('The step failed again.');
    case 'cancelled':
      return failed('The step was cancelled.');
    case null:
    case 'pending':
    case 'running':
    case 'retrying':
    case 'waiting':
      if (!isClosed(runStatus)) return null;
      return runStatus === 'succeeded' ? { outcome: 'repaired', detail: null } : failed(`The run is ${runStatus}.`);
  }
};

/** Looks at every letter of the job whose repair was taken, and notes what came of it. */
export const observeLetters = async (tx: Transaction, jobId: string): Promise<void> => {
  const sent = await tx
    .select({
      position: repairJobLetters.position,
      runStatus: runs.status,
      stepStatus: runSteps.status,
      failure: runSteps.failure,
    })
    .from(repairJobLetters)
    .innerJoin(runs, eq(runs.id, repairJobLetters.runId))
    .leftJoin(
      runSteps,
      and(
        eq(runSteps.runId, repairJobLetters.runId),
        eq(runSteps.path, repairJobLetters.path),
        // A retry has the next ordinal; what is behind that one was decided by somebody else.
        eq(runSteps.ordinal, sql`${repairJobLetters.ordinal} + 1`),
      ),
    )
    .where(and(eq(repairJobLetters.jobId, jobId), eq(repairJobLetters.outcome, 'sent')));
  for (const { position, ...seen } of sent) {
    const verdict = verdictOf(seen);
    if (!verdict) continue;
    await tx
      .update(repairJobLetters)
      .set({ ...verdict, settledAt: new Date() })
      .where(and(eq(repairJobLetters.jobId, jobId), eq(repairJobLetters.position, position)));
  }
};

import { isDatabaseUnavailable, tables, toLoggable, type Transaction, withOrg } from '@everwave/schema/db';
import { and, asc, eq, inArray, isNull, ne } from 'drizzle-orm';
import { HttpProblem } from '../problems.ts';
import { audit } from '../services/audit.ts';
import { endJob, type JobEnd } from '../services/repair-jobs/end-job.ts';
import { countOutcomes, type OutcomeCounts } from '../services/repair-jobs/read-repair-jobs.ts';
import { type ClaimedJob, releaseJob } from './claim-jobs.ts';
import { observeLetters } from './observe-letters.ts';
import { type JobLetter, type RepairTools, sendLetter } from './send-letter.ts';

export type { RepairTools } from './send-letter.ts';

const { repairJobLetters, repairJobs } = tables;

/** Milliseconds until a job is looked at again: while its canary runs, while others run, and after something was away. */
const pauses = { canary: 300, others: 1_000, away: 5_000 } as const;
/** So many letters that went wrong, and no fewer than went well, end a job: the cause is not gone after all. */
const enoughFailures = 5;

/** Takes a job one step further. Never throws: one that could not go on is tried again later. */
export const advanceJob = async (tools: RepairTools, job: ClaimedJob): Promise<void> => {
  const about = { jobId: job.id, orgId: job.orgId, requestId: job.requestId };
  try {
    const pause = await advance(tools, job);
    if (pause !== null) await releaseJob(tools.db, job.id, pause);
  } catch (error) {
    tools.log.warn('repair of a group halted, will go on', { ...about, error: toLoggable(error) });
    // When this fails too, the claim runs out by itself.
    await releaseJob(tools.db, job.id, pauses.away, reasonOf(error)).catch(() => undefined);
  }
};

/** For whoever looks at the job: what it waits for. */
const reasonOf = (error: unknown): string => {
  if (error instanceof HttpProblem) return error.message;
  return isDatabaseUnavailable(error)
    ? 'The database did not answer. It goes on by itself.'
    : 'Something broke on our side; the log of the api says what. It is tried again.';
};

/** Returns after how many milliseconds to come back; null when nothing is left to do. */
const advance = async (tools: RepairTools, job: ClaimedJob): Promise<number | null> => {
  const begun = Date.now();
  await withOrg(tools.db, job.orgId, (tx) => observeLetters(tx, job.id));
  switch (job.status) {
    case 'canary': {
      const after = await advanceCanary(tools, job);
      if (after !== 'passed') return after;
      break;
    }
    case 'running':
      // Before more are begun: those that were may have shown that it is hopeless.
      if (await withOrg(tools.db, job.orgId, (tx) => concludeJob(tx, job))) return null;
      await sendSome(tools, job);
      break;
    case 'done':
    case 'stopped':
    case 'cancelled':
      // Only what a dead process had begun.
      await sendSome(tools, job);
  }
  const isOver = await withOrg(tools.db, job.orgId, (tx) => concludeJob(tx, job));
  return isOver ? null : Math.max(0, pauses.others - (Date.now() - begun));
};

const lettersOf = (tx: Transaction, job: ClaimedJob, limit: number): Promise<JobLetter[]> =>
  tx
    .select()
    .from(repairJobLetters)
    .where(and(eq(repairJobLetters.jobId, job.id), inArray(repairJobLetters.outcome, ['waiting', 'sending'])))
    .orderBy(asc(repairJobLetters.position))
    .limit(limit);

/** At most as many as the job may begin in a second. */
const sendSome = async (tools: RepairTools, job: ClaimedJob): Promise<void> => {
  const letters = await withOrg(tools.db, job.orgId, (tx) => lettersOf(tx, job, job.ratePerSecond));
  for (const letter of letters) if (!(await sendLetter(tools, job, letter))) return;
};

/** The first letter that nobody else has decided goes alone. */
const advanceCanary = async (tools: RepairTools, job: ClaimedJob): Promise<number | 'passed'> => {
  const [canary] = await withOrg(tools.db, job.orgId, (tx) =>
    tx
      .select()
      .from(repairJobLetters)
      .where(and(eq(repairJobLetters.jobId, job.id), ne(repairJobLetters.outcome, 'skipped')))
      .orderBy(asc(repairJobLetters.position))
      .limit(1),
  );
  switch (canary?.outcome) {
    case 'waiting':
    case 'sending':
      await sendLetter(tools, job, canary);
      return 0;
    case 'sent':
      return pauses.canary;
    case 'failed_again':
    case 'refused':
      await withOrg(tools.db, job.orgId, (tx) =>
        end(tx, job, {
          status: 'stopped',
          reason: `The first run ${canary.outcome === 'refused' ? 'refused the repair' : 'failed again'}: ${canary.detail ?? 'it did not say why.'} The others are untouched.`,
        }),
      );
      return 'passed';
    case 'repaired':
      await withOrg(tools.db, job.orgId, (tx) =>
        tx
          .update(repairJobs)
          .set({ status: 'running', updatedAt: new Date() })
          .where(and(eq(repairJobs.id, job.id), isNull(repairJobs.finishedAt))),
      );
      return 0;
    case undefined:
    case 'untouched':
    case 'skipped':
      return 'passed';
  }
};

/** Ends the job when every letter has come to something, or too many to nothing. True when nothing is under way either. */
const concludeJob = async (tx: Transaction, job: ClaimedJob): Promise<boolean> => {
  const [current] = await tx.select().from(repairJobs).where(eq(repairJobs.id, job.id)).for('update');
  if (!current) return true;
  const counts = (await countOutcomes(tx, [job.id])).get(job.id) ?? {};
  const { waiting = 0, sending = 0, sent = 0 } = counts;
  if (current.finishedAt === null) {
    if (waiting + sending + sent === 0) await end(tx, job, { status: 'done' }, counts);
    else if (waiting > 0 && isHopeless(counts)) {
      await end(
        tx,
        job,
        {
          status: 'stopped',
          reason: `Too many failed again: ${(counts.failed_again ?? 0) + (counts.refused ?? 0)} of those begun. The cause is not gone; the others are untouched.`,
        },
        counts,
      );
    }
  }
  if (sending + sent > 0 || (current.finishedAt === null && waiting > 0 && !isHopeless(counts))) return false;
  await tx.update(repairJobs).set({ settledAt: new Date() }).where(eq(repairJobs.id, job.id));
  return true;
};

const isHopeless = ({ failed_again: failed = 0, refused = 0, repaired = 0 }: OutcomeCounts): boolean =>
  failed + refused >= enoughFailures && failed + refused >= repaired;

const end = async (tx: Transaction, job: ClaimedJob, how: JobEnd, known?: OutcomeCounts): Promise<void> => {
  const [open] = await tx
    .select({ id: repairJobs.id })
    .from(repairJobs)
    .where(and(eq(repairJobs.id, job.id), isNull(repairJobs.finishedAt)))
    .for('update');
  if (!open) return;
  await endJob(tx, job.id, how);
  const { kind, id, name } = job.requestedBy;
  await audit(
    tx,
    { caller: { orgId: job.orgId, kind: kind ?? 'system', id: id ?? '', name: name ?? '' }, requestId: job.requestId },
    {
      action: how.status === 'done' ? 'dead_letters.repair_done' : 'dead_letters.repair_stopped',
      target: { kind: 'dead_letter_group', id: job.fingerprint },
      details: { jobId: job.id, ...(known ?? (await countOutcomes(tx, [job.id])).get(job.id)) },
    },
  );
};

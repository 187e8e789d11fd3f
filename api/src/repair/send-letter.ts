import type { RunRepair } from '@everwave/schema/api';
import { type Json, mergePatch } from '@everwave/schema/flow';
import { type RepairOutcome, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData, BrokenSeal } from '@everwave/temporal/encryption';
import { and, eq, isNull } from 'drizzle-orm';
import { everywhere } from '../auth/access.ts';
import type { Actor, AppDependencies } from '../context.ts';
import { HttpProblem } from '../problems.ts';
import { type LetterRow, openLetterInput } from '../services/dead-letters/to-dead-letter.ts';
import { type RepairContext, repairRunOfOrg } from '../services/runs/repair-run.ts';
import { type ClaimedJob, extendClaim } from './claim-jobs.ts';

const { deadLetters, repairJobLetters, repairJobs } = tables;

export type RepairTools = Pick<AppDependencies, 'db' | 'ring' | 'temporal' | 'log'>;
export type JobLetter = typeof repairJobLetters.$inferSelect;

type Became = { readonly outcome: RepairOutcome; readonly detail: string | null };

/** Why a run says no when somebody else was faster. */
const decidedElsewhere: readonly string[] = ['dead_letter_closed', 'run_not_open', 'step_not_parked', 'unknown_step'];

/**
 * Repairs one letter. Under the same update id whoever sends it, so that a process that takes over from a dead one repairs
 * nothing twice. Returns false when the job has ended meanwhile, and throws when Temporal or the database is away.
 */
export const sendLetter = async (tools: RepairTools, job: ClaimedJob, letter: JobLetter): Promise<boolean> => {
  const wasBegun = letter.outcome === 'sending';
  const begun = await withOrg(tools.db, job.orgId, (tx) => beginLetter(tx, job, letter));
  if (begun === 'job_ended') return false;
  if (begun === 'decided') return true;
  const became = await repair(tools, job, letter, begun, wasBegun);
  await withOrg(tools.db, job.orgId, (tx) => settle(tx, letter, became));
  return true;
};

/** Notes that the letter is being sent, unless the job was cancelled or somebody has decided the letter. */
const beginLetter = async (
  tx: Transaction,
  job: ClaimedJob,
  letter: JobLetter,
): Promise<LetterRow | 'job_ended' | 'decided'> => {
  const [open] = await tx
    .update(repairJobs)
    .set(extendClaim)
    .where(and(eq(repairJobs.id, job.id), isNull(repairJobs.finishedAt)))
    .returning({ id: repairJobs.id });
  const [found] = await tx.select().from(deadLetters).where(eq(deadLetters.id, letter.letterId));
  // What was being sent when a process died is finished, also after the job was cancelled: nobody knows how far it came.
  if (letter.outcome === 'sending' && found) return found;
  if (!open) return 'job_ended';
  const decided = found ? decisionOn(found, job) : 'It is gone from the list.';
  if (decided !== null || !found) {
    await settle(tx, letter, { outcome: 'skipped', detail: decided });
    return 'decided';
  }
  await tx.update(repairJobLetters).set({ outcome: 'sending', sentAt: new Date() }).where(isLetter(letter));
  return found;
};

const decisionOn = (found: LetterRow, job: ClaimedJob): string | null => {
  if (found.resolvedAt)
    return `Decided meanwhile: ${found.resolution}${found.resolvedBy ? ` by ${found.resolvedBy}` : ''}.`;
  // Who dismisses and fails in one go has both asked for.
  return found.dismissedAt && job.action !== 'fail' ? `Dismissed meanwhile by ${found.dismissedBy}.` : null;
};

const isLetter = ({ jobId, position }: JobLetter) =>
  and(eq(repairJobLetters.jobId, jobId), eq(repairJobLetters.position, position));

const settle = async (tx: Transaction, letter: JobLetter, { outcome, detail }: Became): Promise<void> => {
  const settledAt = outcome === 'sent' ? null : new Date();
  await tx.update(repairJobLetters).set({ outcome, detail, settledAt }).where(isLetter(letter));
};

const repair = async (
  tools: RepairTools,
  job: ClaimedJob,
  letter: JobLetter,
  found: LetterRow,
  wasBegun: boolean,
): Promise<Became> => {
  const request = await toRunRepair(tools, job, letter, found).catch((error: unknown) => {
    if (error instanceof BrokenSeal) return refused('Its input cannot be opened with the keys of today.');
    // It is made of values that are too large, or not there any more: asking again changes nothing.
    if (error instanceof HttpProblem && error.status < 500) return refused(error.message);
    throw error;
  });
  if (request === null) return refused('It failed before it had an input that could be edited.');
  if ('outcome' in request) return request;
  try {
    await repairRunOfOrg(contextOf(tools, job), letter.runId, request);
    return { outcome: job.action === 'retry' ? 'sent' : 'repaired', detail: null };
  } catch (error) {
    if (!(error instanceof HttpProblem) || error.status >= 500) throw error;
    const code = error.errors[0]?.code ?? error.code;
    if (!decidedElsewhere.includes(code)) return { outcome: 'refused', detail: error.message };
    // The answer was lost with the process that asked. The run has ended since, so it was probably we who repaired it.
    if (wasBegun && found.resolvedBy === job.requestedBy['name']) {
      return { outcome: job.action === 'retry' ? 'sent' : 'repaired', detail: null };
    }
    return { outcome: 'skipped', detail: error.message };
  }
};

const refused = (detail: string): Became => ({ outcome: 'refused', detail });

const contextOf = ({ db, temporal }: RepairTools, job: ClaimedJob): RepairContext => ({
  db,
  temporal,
  caller: {
    ...(job.requestedBy as unknown as Pick<Actor, 'kind' | 'id' | 'name' | 'email' | 'role'>),
    orgId: job.orgId,
    permissions: new Set(['runs:repair']),
    access: everywhere,
  },
  permission: 'runs:repair',
  requestId: job.requestId,
});

/** Null when the letter has no input to edit. */
const toRunRepair = async (
  tools: RepairTools,
  job: ClaimedJob,
  { path, ordinal }: JobLetter,
  found: LetterRow,
): Promise<RunRepair | null> => {
  const value = job.valueSealed
    ? await tools.ring.openJson<{ readonly edit?: Json; readonly output?: Json }>(
        job.orgId,
        job.valueSealed,
        additionalData.repairJobValue(job.id),
      )
    : {};
  const same = {
    requestId: `${job.id}/${path}~${ordinal}`,
    letter: { path, ordinal },
    ...(job.comment === null ? {} : { comment: job.comment }),
  };
  switch (job.action) {
    case 'retry': {
      if (value.edit === undefined) return { action: 'retryStep', path, ...same };
      const input = await openLetterInput(tools, found);
      if (input === undefined) return null;
      const edited = input === 'kept' ? { edit: value.edit } : { input: mergePatch(input.value, value.edit) };
      return { action: 'retryStep', path, ...edited, ...same };
    }
    case 'complete':
      return { action: 'completeStep', path, output: value.output ?? null, ...same };
    case 'skip':
      return { action: 'skipStep', path, ...same };
    case 'fail':
      return { action: 'failRun', ...same };
  }
};

import { fingerprintSchema, type RepairJob, type RepairJobLetter, repairPreviewSchema } from '@everwave/schema/api';
import { deadLetterIdSchema, flowIdSchema, repairJobIdSchema, runIdSchema } from '@everwave/schema/ids';
import { type RepairOutcome, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, asc, count, desc, eq, gt, inArray, lt } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { runUrl } from '../../settings.ts';
import { idOfCursor, numberOfCursor, type Page, toPage } from '../page.ts';
import { toMoment } from '../runs/to-run.ts';

const { flows, repairJobLetters, repairJobs } = tables;

export type RepairJobRow = typeof repairJobs.$inferSelect;
export type OutcomeCounts = Readonly<Partial<Record<RepairOutcome, number>>>;

/** How many letters of each job have come to what. */
export const countOutcomes = async (
  tx: Transaction,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, OutcomeCounts>> => {
  if (jobIds.length === 0) return new Map();
  const rows = await tx
    .select({ jobId: repairJobLetters.jobId, outcome: repairJobLetters.outcome, count: count() })
    .from(repairJobLetters)
    .where(inArray(repairJobLetters.jobId, [...jobIds]))
    .groupBy(repairJobLetters.jobId, repairJobLetters.outcome);
  const counts = new Map<string, Partial<Record<RepairOutcome, number>>>(jobIds.map((id) => [id, {}]));
  for (const row of rows) counts.set(row.jobId, { ...counts.get(row.jobId), [row.outcome]: row.count });
  return counts;
};

const jobNotFound = (id: string) => problem('repair_job_not_found', `Your org has no repair ${id}.`);

export const getRepairJob = async (
  tx: Transaction,
  reach: Reach,
  which: { readonly id: string } | { readonly requestId: string },
): Promise<RepairJob> => {
  const isMeant = 'id' in which ? eq(repairJobs.id, which.id) : eq(repairJobs.requestId, which.requestId);
  const where = and(isMeant, eq(repairJobs.orgId, reach.caller.orgId));
  const [found] = await tx
    .select({ job: repairJobs, flowName: flows.name })
    .from(repairJobs)
    .innerJoin(flows, eq(flows.id, repairJobs.flowId))
    .where(and(where, within(reach, 'flow', repairJobs.flowId)));
  if (!found) {
    const notFound = jobNotFound('id' in which ? which.id : which.requestId);
    throw await whyMissing(tx, reach, { from: repairJobs, where, notFound });
  }
  const counts = await countOutcomes(tx, [found.job.id]);
  return toRepairJob(found.job, found.flowName, counts.get(found.job.id) ?? {});
};

export const readRepairJob = (context: ServiceContext, id: string): Promise<RepairJob> =>
  withOrg(context.db, context.caller.orgId, (tx) => getRepairJob(tx, context, { id }));

export interface RepairJobQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly fingerprint?: string | undefined;
}

/** The newest first. */
export const listRepairJobs = (
  context: ServiceContext,
  { cursor, limit, fingerprint }: RepairJobQuery,
): Promise<Page<RepairJob>> => {
  const { db, caller } = context;
  const before = idOfCursor(cursor);
  return withOrg(db, caller.orgId, async (tx) => {
    const rows = await tx
      .select({ id: repairJobs.id, job: repairJobs, flowName: flows.name })
      .from(repairJobs)
      .innerJoin(flows, eq(flows.id, repairJobs.flowId))
      .where(
        and(
          eq(repairJobs.orgId, caller.orgId),
          within(context, 'flow', repairJobs.flowId),
          before ? lt(repairJobs.id, before) : undefined,
          fingerprint ? eq(repairJobs.fingerprint, fingerprint) : undefined,
        ),
      )
      .orderBy(desc(repairJobs.id))
      .limit(limit + 1);
    const counts = await countOutcomes(
      tx,
      rows.map(({ id }) => id),
    );
    return toPage(rows, limit, ({ id, job, flowName }) => toRepairJob(job, flowName, counts.get(id) ?? {}));
  });
};

const toRepairJob = (job: RepairJobRow, flowName: string, counts: OutcomeCounts): RepairJob => ({
  id: repairJobIdSchema.parse(job.id),
  fingerprint: fingerprintSchema.parse(job.fingerprint),
  flowId: flowIdSchema.parse(job.flowId),
  flowName,
  stepId: job.stepId,
  failureName: job.failureName,
  action: job.action,
  isEdited: job.action === 'retry' && job.valueSealed !== null,
  comment: job.comment,
  status: job.status,
  reason: job.reason,
  ratePerSecond: job.ratePerSecond,
  requestId: job.requestId,
  requestedBy: { id: job.requestedBy['id'] ?? '', name: job.requestedBy['name'] ?? '' },
  cancelledBy: job.cancelledBy,
  counts: {
    total: Object.values(counts).reduce((sum, each) => sum + each, 0),
    waiting: (counts.waiting ?? 0) + (counts.sending ?? 0),
    underWay: counts.sent ?? 0,
    repaired: counts.repaired ?? 0,
    failedAgain: counts.failed_again ?? 0,
    refused: counts.refused ?? 0,
    skipped: counts.skipped ?? 0,
    untouched: counts.untouched ?? 0,
  },
  preview: repairPreviewSchema.parse(job.preview),
  createdAt: job.createdAt.toISOString(),
  finishedAt: toMoment(job.finishedAt),
  settledAt: toMoment(job.settledAt),
});

export interface JobLetterQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly outcome?: RepairOutcome | undefined;
}

/** In the order in which they are repaired. */
export const listRepairJobLetters = (
  context: ServiceContext,
  jobId: string,
  { cursor, limit, outcome }: JobLetterQuery,
): Promise<Page<RepairJobLetter>> => {
  const after = numberOfCursor(cursor, 2_147_483_647);
  return withOrg(context.db, context.caller.orgId, async (tx) => {
    await getRepairJob(tx, context, { id: jobId });
    const rows = await tx
      .select()
      .from(repairJobLetters)
      .where(
        and(
          eq(repairJobLetters.jobId, jobId),
          after === null ? undefined : gt(repairJobLetters.position, after),
          outcome ? eq(repairJobLetters.outcome, outcome) : undefined,
        ),
      )
      .orderBy(asc(repairJobLetters.position))
      .limit(limit + 1);
    return toPage(
      rows.map((row) => ({ ...row, id: row.position })),
      limit,
      ({ position, letterId, runId, path, ordinal, outcome: became, detail, sentAt, settledAt }) => ({
        position,
        deadLetterId: deadLetterIdSchema.parse(letterId),
        runId: runIdSchema.parse(runId),
        runUrl: runUrl(context.settings, runId),
        path,
        ordinal,
        outcome: became,
        detail,
        sentAt: toMoment(sentAt),
        settledAt: toMoment(settledAt),
      }),
    );
  });
};

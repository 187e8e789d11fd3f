import { type Database, tables, withSystem } from '@everwave/schema/db';
import { closedRunStatuses, isClosed } from '@everwave/schema/run';
import type { KeyRing } from '@everwave/temporal/encryption';
import { createDataConverter } from '@everwave/temporal/data-converter';
import type { Logger } from '@everwave/temporal/logger';
import type { Client } from '@temporalio/client';
import { and, eq, inArray, isNotNull, isNull, lt, notInArray, or, sql } from 'drizzle-orm';
import { createHistoryDecoder } from './decode-history.ts';
import { fetchChain } from './fetch-chain.ts';
import { type FoldedRun, foldHistory } from './fold-history.ts';
import { reconcileBatches } from './reconcile-batches.ts';
import { readHost } from './read-host.ts';
import { tellWaitingParent } from './tell-waiting-parent.ts';
import { isStill, type Progress, readProgress, writeFolded } from './write-folded.ts';

const { runs, runSteps } = tables;

export interface ReconcileOptions {
  readonly client: Client;
  readonly db: Database;
  readonly ring: KeyRing;
  readonly logger: Logger;
}

export interface ReconcileSettings {
  /** Milliseconds without news after which an open run is compared with its history. */
  readonly idleAfter: number;
  /** Milliseconds until an idle run is compared again. */
  readonly again: number;
  /** Milliseconds after which a closed run is compared, once. */
  readonly closedAfter: number;
  /** Runs per call. */
  readonly limit: number;
}

export const reconcileSettings: ReconcileSettings = {
  idleAfter: 60_000,
  again: 300_000,
  closedAfter: 5_000,
  limit: 25,
};

type Candidate = Pick<typeof runs.$inferSelect, 'id' | 'orgId' | 'workflowId' | 'status' | 'hostWorkflowId'>;

/** `queued`: the dispatcher starts it. `stale`: it went on meanwhile. `gone`: it has ended, and Temporal has forgotten it. */
export type Reconciled = 'equal' | 'stale' | 'restarted' | 'queued' | 'gone';

/** Runs whose projection may differ from their history: contradicted, open without news, or closed and not yet compared. */
export const findCandidates = (
  db: Database,
  settings: ReconcileSettings,
  now = Date.now(),
  except: readonly string[] = [],
): Promise<Candidate[]> => {
  const before = (milliseconds: number) => new Date(now - milliseconds);
  const closed = [...closedRunStatuses];
  return withSystem(db, (tx) =>
    tx
      .select({
        id: runs.id,
        orgId: runs.orgId,
        workflowId: runs.workflowId,
        status: runs.status,
        hostWorkflowId: runs.hostWorkflowId,
      })
      .from(runs)
      .where(
        and(
          except.length === 0 ? undefined : notInArray(runs.id, [...except]),
          or(
            isNotNull(runs.divergedAt),
            and(
              inArray(runs.status, closed),
              isNull(runs.reconciledAt),
              lt(runs.updatedAt, before(settings.closedAfter)),
            ),
            and(
              notInArray(runs.status, closed),
              lt(runs.updatedAt, before(settings.idleAfter)),
              or(isNull(runs.reconciledAt), lt(runs.reconciledAt, before(settings.again))),
            ),
          ),
        ),
      )
      .orderBy(sql`${runs.divergedAt} nulls last`, sql`${runs.reconciledAt} nulls first`, runs.id)
      .limit(settings.limit),
  );
};

/** Compares one run with its history and makes the projection equal to it. */
export const reconcileRun = async (options: ReconcileOptions, run: Candidate): Promise<Reconciled> => {
  const { client, db, ring, logger } = options;
  const seen = await withSystem(db, (tx) => readProgress(tx, run.id));
  const chain = await fetchChain(client, run.workflowId);
  if (!chain) return compareWithHost(options, run, seen);
  if (chain.isOpen && seen?.status === 'cancelled' && seen.temporalRunId === null) {
    logger.warn('run was cancelled before it started, cancelling its workflow', { runId: run.id });
    await client.workflow.getHandle(run.workflowId).cancel();
  }
  const dataConverter = createDataConverter({ ring, withoutOrg: 'withhold' });
  const decoder = createHistoryDecoder(dataConverter, client.options.namespace, run.workflowId);
  const folded = await foldHistory(chain, decoder);
  if (!folded) logger.warn('history holds no run of ours', { runId: run.id });
  else if (!(await writeFolded(db, ring, await withHost(options, folded), seen))) return 'stale';
  else if (!(await reconcileBatches(options, folded))) return 'stale';
  if (!chain.isOpen && (await tellWaitingParent(options, run.id, folded?.parent?.workflowId))) {
    logger.warn('run that waited for its sub-flow was told how that ended', { runId: run.id });
  }
  await markReconciled(db, run.id, seen);
  return 'equal';
};

/** The run's whole history, when it began in a host. */
const withHost = async ({ client, ring }: ReconcileOptions, folded: FoldedRun): Promise<FoldedRun> => {
  if (!folded.host) return folded;
  const reading = await readHost(client, ring, folded.host.workflowId);
  const before = reading?.runs.get(folded.run.runId);
  if (!before) return { ...folded, isWhole: false };
  return { ...folded, entries: [...before.entries, ...folded.entries] };
};

/** A run without a workflow of its own: a host has it, or had it when the host died, or nobody knows it. */
const compareWithHost = async (
  options: ReconcileOptions,
  run: Candidate,
  seen: Progress | null,
): Promise<Reconciled> => {
  const { client, db, ring, logger } = options;
  if (!run.hostWorkflowId) return runIsUnknown(options, run, seen);
  const reading = await readHost(client, ring, run.hostWorkflowId);
  const hosted = reading?.runs.get(run.id);
  if (!reading || !hosted || hosted.isEjected) return runIsUnknown(options, run, seen);
  if (!reading.isOpen && !isClosed(hosted.state.status)) {
    logger.warn('host ended before its run did, the run starts by itself', { runId: run.id });
    return restart(options, run, seen);
  }
  const { orgId, id: runId } = run;
  const [first] = hosted.entries;
  const folded = {
    run: first?.run ?? { orgId, runId, flowId: '' },
    temporalRunId: reading.temporalRunId,
    seq: hosted.state.seq,
    entries: hosted.entries,
    isWhole: true,
    ...(reading.isTaskUnderWay && { isTaskUnderWay: true }),
  };
  if (!(await writeFolded(db, ring, folded, seen))) return 'stale';
  await markReconciled(db, run.id, seen);
  return 'equal';
};

/** Temporal does not know the run. A closed one is past its retention; an open one must be started, again or at last. */
const runIsUnknown = async (options: ReconcileOptions, run: Candidate, seen: Progress | null): Promise<Reconciled> => {
  if (!seen || isClosed(seen.status) || seen.status === 'queued') {
    await markReconciled(options.db, run.id, seen);
    return seen?.status === 'queued' ? 'queued' : 'gone';
  }
  options.logger.warn('run unknown to Temporal, starting it', { runId: run.id, status: seen.status });
  return restart(options, run, seen);
};

/** Hands the run to the dispatcher, as one that runs by itself: what it has done is done once, by its effect keys. */
const restart = ({ db }: ReconcileOptions, run: Candidate, seen: Progress | null): Promise<Reconciled> =>
  withSystem(db, async (tx) => {
    if (!isStill(await readProgress(tx, run.id), seen)) return 'stale';
    const now = new Date();
    await tx.update(runSteps).set({ seq: 0 }).where(eq(runSteps.runId, run.id));
    await tx
      .update(runs)
      .set({
        status: 'queued',
        seq: 0,
        temporalRunId: null,
        hostWorkflowId: null,
        hostable: false,
        nextStartAt: now,
        reconciledAt: now,
      })
      .where(eq(runs.id, run.id));
    return 'restarted';
  });

/** What has contradicted its rows since then is another matter. */
const markReconciled = (db: Database, runId: string, seen: Progress | null): Promise<unknown> => {
  const before = seen?.divergedAt?.toISOString() ?? null;
  const divergedAt = sql`case when ${runs.divergedAt} > ${before}::timestamptz or ${before}::timestamptz is null then ${runs.divergedAt} end`;
  return withSystem(db, (tx) =>
    tx.update(runs).set({ reconciledAt: new Date(), divergedAt }).where(eq(runs.id, runId)),
  );
};

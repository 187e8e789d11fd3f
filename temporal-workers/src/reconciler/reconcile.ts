import { type Database, tables, withSystem } from '@everwave/schema/db';
import { closedRunStatuses } from '@everwave/schema/run';
import type { KeyRing } from '@everwave/temporal/encryption';
import { createDataConverter } from '@everwave/temporal/data-converter';
import type { Logger } from '@everwave/temporal/logger';
import type { Client } from '@temporalio/client';
import { and, eq, inArray, isNull, lt, notInArray, or, sql } from 'drizzle-orm';
import { createHistoryDecoder } from './decode-history.ts';
import { fetchChain } from './fetch-chain.ts';
import { foldHistory } from './fold-history.ts';
import { writeFolded } from './write-folded.ts';

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

type Candidate = Pick<typeof runs.$inferSelect, 'id' | 'orgId' | 'workflowId' | 'status'>;
export type Reconciled = 'equal' | 'stale' | 'restarted' | 'gone';

/** Runs whose projection may differ from their history: open without news, or closed and not yet compared. */
export const findCandidates = (db: Database, settings: ReconcileSettings, now = Date.now()): Promise<Candidate[]> => {
  const before = (milliseconds: number) => new Date(now - milliseconds);
  const closed = [...closedRunStatuses];
  return withSystem(db, (tx) =>
    tx
      .select({ id: runs.id, orgId: runs.orgId, workflowId: runs.workflowId, status: runs.status })
      .from(runs)
      .where(
        or(
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
      )
      .orderBy(sql`${runs.reconciledAt} nulls first`, runs.id)
      .limit(settings.limit),
  );
};

/** Compares one run with its history and makes the projection equal to it. */
export const reconcileRun = async (options: ReconcileOptions, run: Candidate): Promise<Reconciled> => {
  const { client, db, ring, logger } = options;
  const chain = await fetchChain(client, run.workflowId);
  if (!chain) return runIsUnknown(options, run);
  const dataConverter = createDataConverter({ ring, withoutOrg: 'withhold' });
  const decoder = createHistoryDecoder(dataConverter, client.options.namespace, run.workflowId);
  const folded = await foldHistory(chain, decoder);
  if (!folded) logger.warn('history holds no run of ours', { runId: run.id });
  else if (!(await writeFolded(db, ring, folded))) return 'stale';
  await markReconciled(db, run.id);
  return 'equal';
};

/** Temporal does not know the run. A closed one is past its retention; an open one must be started, again or at last. */
const runIsUnknown = async ({ db, logger }: ReconcileOptions, run: Candidate): Promise<Reconciled> => {
  if ((closedRunStatuses as readonly string[]).includes(run.status)) {
    await markReconciled(db, run.id);
    return 'gone';
  }
  logger.warn('run unknown to Temporal, starting it', { runId: run.id, status: run.status });
  await withSystem(db, async (tx) => {
    await tx.update(runSteps).set({ seq: 0 }).where(eq(runSteps.runId, run.id));
    await tx
      .update(runs)
      .set({ status: 'queued', seq: 0, temporalRunId: null, nextStartAt: new Date(), reconciledAt: new Date() })
      .where(eq(runs.id, run.id));
  });
  return 'restarted';
};

const markReconciled = (db: Database, runId: string): Promise<unknown> =>
  withSystem(db, (tx) => tx.update(runs).set({ reconciledAt: new Date() }).where(eq(runs.id, runId)));

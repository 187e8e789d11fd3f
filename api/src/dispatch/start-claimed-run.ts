import type { Json, Plan } from '@everwave/schema/flow';
import { toLoggable } from '../database-errors.ts';
import { type Database, tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { RunTooLarge } from '@everwave/temporal/runs';
import { currentTraceparent, inSpan } from '@everwave/temporal/tracing';
import { and, eq, sql } from 'drizzle-orm';
import type { AppDependencies } from '../context.ts';
import { runUrl } from '../settings.ts';
import type { ClaimedRun } from './claim-runs.ts';

const { deliveries, plans, runs } = tables;

export type DispatchTools = Pick<AppDependencies, 'db' | 'ring' | 'temporal' | 'metrics' | 'settings' | 'log'>;

/** Starts one claimed run. Never throws: a run that could not be started is tried again later. */
export const startClaimedRun = async (tools: DispatchTools, run: ClaimedRun): Promise<void> => {
  const { log, metrics } = tools;
  const context = { runId: run.id, orgId: run.orgId, requestId: run.requestId, attempt: run.startAttempts };
  try {
    const attributes = { 'everwave.org.id': run.orgId, 'everwave.flow.id': run.flowId, 'everwave.run.id': run.id };
    const { temporalRunId } = await inSpan('start run', { kind: 'producer', parent: run.traceparent, attributes }, () =>
      start(tools, run),
    );
    metrics.dispatched.inc({ outcome: 'started' });
    metrics.startDelay.observe((Date.now() - run.createdAt.getTime()) / 1_000);
    log.info('run started', { ...context, temporalRunId });
    if (!(await confirm(tools.db, run, temporalRunId))) {
      await tools.temporal.cancelRun({ orgId: run.orgId, runId: run.id });
      log.info('run was cancelled while it started', context);
    }
  } catch (error) {
    metrics.dispatched.inc({ outcome: 'failed' });
    if (error instanceof RunTooLarge) {
      log.error('run cannot be started', { ...context, reason: error.message });
      return giveUp(tools, run, error.message);
    }
    log.warn('run not started, will be tried again', { ...context, error: toLoggable(error) });
    await postpone(tools, run, error);
  }
};

const start = async ({ db, ring, temporal, settings }: DispatchTools, run: ClaimedRun) => {
  const plan = await getPlan(db, run);
  const data = await ring.openJson<Json>(run.orgId, run.triggerSealed, additionalData.runTrigger(run.id));
  return temporal.startRun({
    engineVersion: 1,
    orgId: run.orgId,
    runId: run.id,
    rootRunId: run.rootRunId,
    plan,
    planHash: run.planHash,
    trigger: { stepId: run.triggerNodeId, kind: run.triggerKind, data },
    run: {
      flowName: plan.title,
      url: runUrl(settings, run.id),
      requestId: run.requestId,
      traceparent: currentTraceparent() ?? run.traceparent,
    },
  });
};

const getPlan = (db: Database, { orgId, planHash }: ClaimedRun): Promise<Plan> =>
  withOrg(db, orgId, async (tx) => {
    const [row] = await tx
      .select({ plan: plans.plan })
      .from(plans)
      .where(and(eq(plans.orgId, orgId), eq(plans.hash, planHash)));
    if (!row) throw new Error(`The plan ${planHash} of ${orgId} is missing. Restore the table plans from a backup.`);
    return row.plan;
  });

/** False when the run is no longer queued because a person cancelled it. What a worker reported meanwhile stays. */
const confirm = (db: Database, run: ClaimedRun, temporalRunId: string | null): Promise<boolean> =>
  withOrg(db, run.orgId, async (tx) => {
    const [before] = await tx.select({ status: runs.status }).from(runs).where(eq(runs.id, run.id)).for('update');
    if (!before || before.status === 'cancelled') return before === undefined;
    await tx
      .update(runs)
      .set({
        temporalRunId: sql`coalesce(${runs.temporalRunId}, ${temporalRunId})`,
        startedAt: sql`coalesce(${runs.startedAt}, now())`,
        updatedAt: new Date(),
        ...(before.status === 'queued' ? { status: 'running' as const } : {}),
      })
      .where(eq(runs.id, run.id));
    if (run.deliveryId) {
      await tx
        .update(deliveries)
        .set({ status: 'dispatched', dispatchedAt: new Date(), attempts: run.startAttempts, lastError: null })
        .where(and(eq(deliveries.id, run.deliveryId), eq(deliveries.orgId, run.orgId)));
    }
    return true;
  });

/** Half a second, then double, at most a minute; spread, so that many runs do not come back at once. */
export const backoffSeconds = (attempts: number, random: number): number =>
  Math.min(60, 0.5 * 2 ** Math.min(attempts - 1, 10)) * (0.75 + random / 2);

/** The run ends as failed, where a person sees it; its delivery stays readable. */
const giveUp = async ({ db, log }: DispatchTools, run: ClaimedRun, message: string): Promise<void> => {
  const now = new Date();
  const failure = { name: 'run_too_large', message, advice: 'Send less: a reference instead of the content.' };
  try {
    await withOrg(db, run.orgId, async (tx) => {
      await tx
        .update(runs)
        .set({ status: 'failed', failure, finishedAt: now, updatedAt: now })
        .where(and(eq(runs.id, run.id), eq(runs.status, 'queued')));
      if (run.deliveryId) {
        await tx
          .update(deliveries)
          .set({ status: 'rejected', attempts: run.startAttempts, lastError: message })
          .where(and(eq(deliveries.id, run.deliveryId), eq(deliveries.orgId, run.orgId)));
      }
    });
  } catch (error) {
    log.warn('refusal not noted, will be tried again', { runId: run.id, error: toLoggable(error) });
  }
};

const postpone = async ({ db, log }: DispatchTools, run: ClaimedRun, error: unknown): Promise<void> => {
  const seconds = backoffSeconds(run.startAttempts, Math.random());
  const shown = toLoggable(error);
  const reason = (shown instanceof Error ? shown.message : String(shown)).slice(0, 500);
  try {
    await withOrg(db, run.orgId, async (tx) => {
      const nextAt = sql`now() + make_interval(secs => ${seconds})`;
      await tx.update(runs).set({ nextStartAt: nextAt }).where(eq(runs.id, run.id));
      if (run.deliveryId) {
        await tx
          .update(deliveries)
          .set({ attempts: run.startAttempts, nextAttemptAt: nextAt, lastError: reason })
          .where(and(eq(deliveries.id, run.deliveryId), eq(deliveries.orgId, run.orgId)));
      }
    });
  } catch (failure) {
    // The claim runs out by itself, so the run is tried again all the same.
    log.warn('next attempt not noted', { runId: run.id, error: toLoggable(failure) });
  }
};

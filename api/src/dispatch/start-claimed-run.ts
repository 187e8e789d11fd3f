import { generationOfFork, type Json } from '@everwave/schema/flow';
import type { ForkOf } from '@everwave/schema/run';
import { tables, toLoggable, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import type { RunFlowInput } from '@everwave/schema/run';
import { openFork, RunTooLarge } from '@everwave/temporal/runs';
import { currentTraceparent, inSpan } from '@everwave/temporal/tracing';
import { and, eq } from 'drizzle-orm';
import type { AppDependencies } from '../context.ts';
import { runUrl } from '../settings.ts';
import type { ClaimedRun } from './claim-runs.ts';
import { confirmStart, postponeStart } from './note-start.ts';
import type { PlanCache } from './plan-cache.ts';
import { variablesOfRuns } from './run-variables.ts';

const { deliveries, runs } = tables;

export type DispatchTools = Pick<AppDependencies, 'db' | 'ring' | 'temporal' | 'metrics' | 'settings' | 'log'>;

/** Starts one claimed run. Never throws: a run that could not be started is tried again later. */
export const startClaimedRun = async (tools: DispatchTools, plans: PlanCache, run: ClaimedRun): Promise<void> => {
  const { log, metrics } = tools;
  const context = { runId: run.id, orgId: run.orgId, requestId: run.requestId, attempt: run.startAttempts };
  try {
    const attributes = { 'everwave.org.id': run.orgId, 'everwave.flow.id': run.flowId, 'everwave.run.id': run.id };
    const { temporalRunId } = await inSpan('start run', { kind: 'producer', parent: run.traceparent, attributes }, () =>
      start(tools, plans, run),
    );
    metrics.dispatched.inc({ outcome: 'started' });
    metrics.startDelay.observe((Date.now() - run.createdAt.getTime()) / 1_000);
    log.info('run started', { ...context, temporalRunId });
    if ((await confirmStart(tools.db, run.orgId, [run], temporalRunId)).length > 0) {
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
    await postponeStart(tools, run.orgId, [run], error);
  }
};

const forkOf = async ({ ring }: DispatchTools, run: ClaimedRun): Promise<{ readonly fork?: ForkOf }> => {
  if (!run.forkSealed || run.forkNumber === null) return {};
  const stored = await openFork(ring, { orgId: run.orgId, runId: run.id }, run.forkSealed);
  return { fork: { ...stored, generation: generationOfFork(run.forkNumber) } };
};

const start = async (tools: DispatchTools, plans: PlanCache, run: ClaimedRun) => {
  const { db, ring, temporal, settings } = tools;
  const plan = await withOrg(db, run.orgId, (tx) => plans.find(tx, run.orgId, run.planHash));
  const data = await ring.openJson<Json>(run.orgId, run.triggerSealed, additionalData.runTrigger(run.id));
  return temporal.startRun({
    engineVersion: 1,
    orgId: run.orgId,
    runId: run.id,
    rootRunId: run.rootRunId,
    plan,
    planHash: run.planHash,
    trigger: { stepId: run.triggerNodeId, kind: run.triggerKind, data },
    ...(await variablesOfRuns(tools, plan, [run])),
    ...(await forkOf(tools, run)),
    run: {
      flowName: plan.title,
      url: runUrl(settings, run.id),
      requestId: run.requestId,
      traceparent: currentTraceparent() ?? run.traceparent,
    },
    ...parentOf(run),
  });
};

/** A sub-flow's run that Temporal has lost is started again from here, and still tells its parent how it ends. */
const parentOf = ({ parentRunId, parentPath, parentOrdinal, parentWaits }: ClaimedRun): Pick<RunFlowInput, 'parent'> =>
  parentRunId === null || parentPath === null
    ? {}
    : { parent: { runId: parentRunId, path: parentPath, ordinal: parentOrdinal ?? 1, waits: parentWaits === true } };

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
      await tx
        .update(deliveries)
        .set({ status: 'rejected', attempts: run.startAttempts, lastError: message })
        .where(and(eq(deliveries.runId, run.id), eq(deliveries.orgId, run.orgId)));
    });
  } catch (error) {
    log.warn('refusal not noted, will be tried again', { runId: run.id, error: toLoggable(error) });
  }
};

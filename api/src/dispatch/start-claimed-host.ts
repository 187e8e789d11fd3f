import type { Json } from '@everwave/schema/flow';
import { tables, toLoggable, withOrg } from '@everwave/schema/db';
import type { HostedRunInput, RunHostInput } from '@everwave/schema/run';
import { additionalData } from '@everwave/temporal/encryption';
import { RunTooLarge } from '@everwave/temporal/runs';
import { inArray } from 'drizzle-orm';
import { runUrl } from '../settings.ts';
import type { ClaimedHost, ClaimedRun } from './claim-runs.ts';
import { confirmStart, postponeStart } from './note-start.ts';
import type { PlanCache } from './plan-cache.ts';
import { variablesOfRuns } from './run-variables.ts';
import type { DispatchTools } from './start-claimed-run.ts';

const { runs } = tables;

/** Starts one host with its runs. Never throws: a host that could not be started is tried again later, with the same runs. */
export const startClaimedHost = async (tools: DispatchTools, plans: PlanCache, host: ClaimedHost): Promise<void> => {
  const { log, metrics, temporal } = tools;
  const [first] = host.runs;
  if (!first) return;
  const { orgId } = first;
  const context = { orgId, host: host.workflowId, runs: host.runs.length, attempt: first.startAttempts };
  try {
    const { temporalRunId } = await temporal.startHost(await toInput(tools, plans, host, first));
    metrics.dispatched.inc({ outcome: 'started' }, host.runs.length);
    for (const { createdAt } of host.runs) metrics.startDelay.observe((Date.now() - createdAt.getTime()) / 1_000);
    log.info('host started', { ...context, temporalRunId });
    const cancelled = await confirmStart(tools.db, orgId, host.runs, temporalRunId);
    for (const { id } of cancelled) {
      await temporal.cancelRun({ orgId, runId: id, hostWorkflowId: host.workflowId });
      log.info('run was cancelled while its host started', { ...context, runId: id });
    }
  } catch (error) {
    metrics.dispatched.inc({ outcome: 'failed' }, host.runs.length);
    log.warn('host not started', { ...context, error: toLoggable(error) });
    if (error instanceof RunTooLarge) await dissolve(tools, orgId, host);
    else await postponeStart(tools, orgId, host.runs, error);
  }
};

const toInput = async (
  tools: DispatchTools,
  plans: PlanCache,
  host: ClaimedHost,
  { orgId, planHash }: ClaimedRun,
): Promise<RunHostInput> => {
  const { db, ring, settings } = tools;
  const plan = await withOrg(db, orgId, (tx) => plans.find(tx, orgId, planHash));
  const toHosted = async (run: ClaimedRun): Promise<HostedRunInput> => ({
    runId: run.id,
    rootRunId: run.rootRunId,
    trigger: {
      stepId: run.triggerNodeId,
      kind: run.triggerKind,
      data: await ring.openJson<Json>(orgId, run.triggerSealed, additionalData.runTrigger(run.id)),
    },
    run: {
      flowName: plan.title,
      url: runUrl(settings, run.id),
      requestId: run.requestId,
      traceparent: run.traceparent,
    },
  });
  return {
    engineVersion: 1,
    orgId,
    hostId: host.workflowId.slice(host.workflowId.lastIndexOf('/') + 1),
    plan,
    planHash,
    ...(await variablesOfRuns(tools, plan, host.runs)),
    runs: await Promise.all(host.runs.map(toHosted)),
  };
};

/** Temporal has refused the host for ever, so that its runs start one by one. */
const dissolve = async ({ db, log }: DispatchTools, orgId: string, host: ClaimedHost): Promise<void> => {
  const ids = host.runs.map(({ id }) => id);
  try {
    await withOrg(db, orgId, (tx) =>
      tx
        .update(runs)
        .set({ hostable: false, hostWorkflowId: null, nextStartAt: new Date() })
        .where(inArray(runs.id, ids)),
    );
  } catch (error) {
    log.warn('host not dissolved, will be tried again', { orgId, host: host.workflowId, error: toLoggable(error) });
  }
};

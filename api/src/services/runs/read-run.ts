import type { Run, RunStep } from '@everwave/schema/api';
import type { FlowGraph, Json } from '@everwave/schema/flow';
import type { Mask } from '@everwave/schema/run';
import { deliveryIdSchema, runIdSchema, triggerIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, asc, type Column, desc, eq, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { temporalRunUrl } from '../../settings.ts';
import { mayWithFlow } from '../flows/may-with-flow.ts';
import { getVersion } from '../flows/versions.ts';
import { placeWaitOf } from '../limits/place-wait.ts';
import { maskFor } from '../masking/mask-for.ts';
import { getRun, type RunRow } from './find-run.ts';
import { type RunUsage, usageOf } from './run-meters.ts';
import { childrenOf, parentOf } from './related-runs.ts';
import { type Waits, waitsOf } from './run-waits.ts';
import { showValue } from './show-value.ts';
import { shownSteps } from './shown-steps.ts';
import { type StepRow, toLiveStep, toMoment, toRunAttempt, toRunLog, toRunSummary } from './to-run.ts';

const { flows, runAttempts, runLogs, runs } = tables;

const shownLogs = 200;
const shownForks = 20;

export interface Look {
  /** A step whose iteration is shown in any case. */
  readonly step?: string | undefined;
  /** Shows masked fields too. */
  readonly unmask?: boolean;
}

/** A run with its steps, opened. Reads Postgres only, so it works while Temporal is stopped. */
export const readRun = async (context: ServiceContext, runId: string, look: Look = {}): Promise<Run> => {
  const rows = await withOrg(context.db, context.caller.orgId, (tx) => readRows(tx, context, runId, look));
  const { run, graph, mask } = rows;
  const [data, output, steps] = await Promise.all([
    context.ring.openJson<Json>(run.orgId, run.triggerSealed, additionalData.runTrigger(run.id)),
    showValue(
      context.ring,
      { orgId: run.orgId, sealed: run.outputSealed, binding: additionalData.runOutput(run.id) },
      mask,
    ),
    Promise.all(rows.steps.map((step) => toStep(context, step, rows))),
  ]);
  return {
    ...toRunSummary(run, rows.flowName, context.settings),
    may: rows.may,
    engineVersion: run.engineVersion,
    planVersion: 1,
    planHash: run.planHash,
    graph,
    trigger: {
      id: run.triggerId === null ? null : triggerIdSchema.parse(run.triggerId),
      nodeId: run.triggerNodeId,
      kind: run.triggerKind,
      deliveryId: run.deliveryId === null ? null : deliveryIdSchema.parse(run.deliveryId),
      data: mask ? mask(data) : data,
    },
    ...(output.value === undefined ? {} : { output: output.value }),
    ...(output.reference && { outputReference: output.reference }),
    steps,
    hiddenSteps: rows.hidden,
    ...rows.usage.total,
    attempts: rows.attempts.map(toRunAttempt),
    logs: rows.logs.map(toRunLog),
    requestId: run.requestId,
    rootRunId: runIdSchema.parse(run.rootRunId),
    forkOfRunId: toRunId(run.forkOfRunId),
    forkAt: run.forkAt,
    supersededByRunId: toRunId(run.supersededByRunId),
    forks: rows.forks.map(({ id, at, status, createdAt }) => ({
      id: runIdSchema.parse(id),
      at: at ?? '',
      status,
      createdAt: createdAt.toISOString(),
    })),
    resetAt: toMoment(run.resetAt),
    rerunOfRunId: toRunId(run.rerunOfRunId),
    replacedByRunId: toRunId(run.replacedByRunId),
    placeWait: rows.placeWait,
    parent: parentOf(run),
    children: rows.children,
    workflowId: run.workflowId,
    temporalRunId: run.temporalRunId,
    temporalUrl: temporalRunUrl(context.settings, run.hostWorkflowId ?? run.workflowId, run.temporalRunId),
    dispatch: {
      attempts: run.startAttempts,
      nextAttemptAt: run.status === 'queued' && run.placedAt !== null ? toMoment(run.nextStartAt) : null,
    },
  };
};

const toRunId = (id: string | null) => (id === null ? null : runIdSchema.parse(id));

/** The steps alone, for a page that shows a run while it happens. */
export const listSteps = async (
  context: ServiceContext,
  runId: string,
  look: Look = {},
): Promise<{ readonly items: RunStep[]; readonly hidden: number }> => {
  const rows = await withOrg(context.db, context.caller.orgId, async (tx) => {
    const run = await getRun(tx, context, runId);
    const { graph: drawing } = await getVersion(tx, run.flowId, run.flowVersion);
    const [shown, usage] = [await shownSteps(tx, run, look.step), await usageOf(tx, run)];
    const mask = await maskForRun(tx, context, run, look);
    return { ...shown, graph: drawing, usage, waits: await waitsOf(tx, run), mask };
  });
  const items = await Promise.all(rows.steps.map((step) => toStep(context, step, rows)));
  return { items, hidden: rows.hidden };
};

const maskForRun = (tx: Transaction, context: ServiceContext, run: RunRow, { unmask }: Look) =>
  maskFor(tx, context, { flowId: run.flowId, target: { kind: 'run', id: run.id }, unmask });

const readRows = async (tx: Transaction, context: ServiceContext, runId: string, look: Look) => {
  const run = await getRun(tx, context, runId);
  const [flow] = await tx.select({ name: flows.name }).from(flows).where(eq(flows.id, run.flowId));
  const { graph } = await getVersion(tx, run.flowId, run.flowVersion);
  const [{ steps, hidden }, usage] = [await shownSteps(tx, run, look.step), await usageOf(tx, run)];
  const attempts = await tx
    .select()
    .from(runAttempts)
    .where(
      and(
        eq(runAttempts.runId, runId),
        eq(runAttempts.orgId, run.orgId),
        hidden > 0 ? isOneOf(runAttempts.path, steps) : undefined,
      ),
    )
    .orderBy(asc(runAttempts.startedAt), asc(runAttempts.attempt));
  const logs = await tx
    .select()
    .from(runLogs)
    .where(and(eq(runLogs.runId, runId), eq(runLogs.orgId, run.orgId)))
    .orderBy(asc(runLogs.id))
    .limit(shownLogs);
  const children = await childrenOf(tx, run);
  const waits = await waitsOf(tx, run);
  const flowName = flow?.name ?? run.flowId;
  const placeWait = await placeWaitOf(tx, run, flowName);
  const forks = await tx
    .select({ id: runs.id, at: runs.forkAt, status: runs.status, createdAt: runs.createdAt })
    .from(runs)
    .where(and(eq(runs.forkOfRunId, runId), eq(runs.orgId, run.orgId)))
    .orderBy(desc(runs.id))
    .limit(shownForks);
  const may = await mayWithFlow(tx, context.caller, run.flowId);
  const mask = await maskForRun(tx, context, run, look);
  return { run, may, flowName, graph, steps, hidden, usage, waits, attempts, logs, children, forks, placeWait, mask };
};

const isOneOf = (path: Column, steps: readonly StepRow[]) =>
  sql`${path} = any(${sql.param(steps.map((step) => step.path))}::text[])`;

interface StepSurroundings {
  readonly graph: FlowGraph;
  readonly usage: RunUsage;
  readonly waits: Waits;
  readonly mask: Mask | null;
}

const toStep = async (
  { ring }: ServiceContext,
  step: StepRow,
  { graph, usage, waits, mask }: StepSurroundings,
): Promise<RunStep> => {
  const { orgId, runId, path, ordinal } = step;
  const node = graph.nodes.find(({ id }) => id === step.stepId);
  const [input, output] = await Promise.all([
    showValue(ring, { orgId, sealed: step.inputSealed, binding: additionalData.stepInput(runId, path, ordinal) }, mask),
    showValue(
      ring,
      { orgId, sealed: step.outputSealed, binding: additionalData.stepOutput(runId, path, ordinal) },
      mask,
    ),
  ]);
  return {
    ...toLiveStep(step),
    title: node?.title ?? step.stepId,
    kind: node?.kind ?? 'unknown',
    failure: step.failure,
    ...usage.of(step),
    ...waits.of(step),
    ...(input.value === undefined ? {} : { input: input.value }),
    ...(input.reference && { inputReference: input.reference }),
    ...(output.value === undefined ? {} : { output: output.value }),
    ...(output.reference && { outputReference: output.reference }),
  };
};

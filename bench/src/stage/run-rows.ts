import { randomUUIDv7 } from 'node:crypto';
import { tables, withOrg, withSystem } from '@everwave/schema/db';
import type { Json, Plan } from '@everwave/schema/flow';
import { toId, workflowIdOf } from '@everwave/schema/ids';
import type { RunFlowInput } from '@everwave/schema/run';
import { additionalData } from '@everwave/temporal/encryption';
import { and, count, eq, notInArray, sql } from 'drizzle-orm';
import type { ConnectionIds } from '../flows.ts';
import type { Stage } from './stage.ts';

const { connections, runs } = tables;
const closed = ['succeeded', 'failed', 'cancelled'] as const;

/** The demo's connections, which `prepare` has made. */
export const findConnections = async ({ db, orgId }: Stage): Promise<ConnectionIds> => {
  const rows = await withOrg(db, orgId, (tx) =>
    tx.select({ id: connections.id, kind: connections.kind }).from(connections).where(eq(connections.orgId, orgId)),
  );
  const idOf = (kind: string): string => {
    const found = rows.find((row) => row.kind === kind);
    if (!found) throw new Error(`There is no connection of the kind ${kind}: the demo has not been prepared.`);
    return found.id;
  };
  return { http: idOf('http.authentication'), slack: idOf('slack.bot') };
};

export interface NewRun {
  readonly plan: Plan;
  readonly planHash: string;
  readonly data: Json;
}

const rowsAtOnce = 500;

/**
 * Adds rows as the api does before Temporal hears of a run, and returns what the workflows are started with. They are not
 * due for the dispatcher: whoever asked starts them.
 */
export const addRuns = async (
  { db, ring, orgId }: Stage,
  { plan, planHash, data }: NewRun,
  howMany: number,
): Promise<RunFlowInput[]> => {
  const triggerStep = Object.values(plan.steps).find(({ type }) => type === 'trigger');
  if (triggerStep?.type !== 'trigger') throw new Error(`The flow "${plan.title}" has no trigger.`);
  const { id: stepId, kind } = triggerStep;
  const inputs = Array.from({ length: howMany }, (): RunFlowInput => {
    const runId = toId('run', randomUUIDv7());
    return {
      engineVersion: 1,
      orgId,
      runId,
      rootRunId: runId,
      plan,
      planHash,
      trigger: { stepId, kind, data },
      run: { flowName: plan.title, url: `http://127.0.0.1/runs/${runId}`, requestId: null },
    };
  });
  for (let at = 0; at < inputs.length; at += rowsAtOnce) {
    const rows = await Promise.all(
      inputs.slice(at, at + rowsAtOnce).map(async ({ runId }) => ({
        id: runId,
        orgId,
        flowId: plan.flowId,
        flowVersion: plan.flowVersion,
        planHash,
        status: 'running' as const,
        triggerNodeId: stepId,
        triggerKind: kind,
        rootRunId: runId,
        workflowId: workflowIdOf(orgId, runId),
        triggerSealed: await ring.sealJson(orgId, data, additionalData.runTrigger(runId)),
        startedAt: new Date(),
      })),
    );
    await withSystem(db, (tx) => tx.insert(runs).values(rows));
  }
  return inputs;
};

/** Which host has these runs, as the dispatcher writes it down. */
export const noteHost = async (
  { db }: Stage,
  inputs: readonly RunFlowInput[],
  hostWorkflowId: string,
): Promise<void> => {
  await withSystem(db, (tx) =>
    tx
      .update(runs)
      .set({ hostWorkflowId })
      .where(oneOf(inputs.map(({ runId }) => runId))),
  );
};

/** How many runs of a flow are in each state. */
export const countByStatus = async ({ db }: Stage, flowId: string): Promise<Readonly<Record<string, number>>> => {
  const rows = await withSystem(db, (tx) =>
    tx.select({ status: runs.status, runs: count() }).from(runs).where(eq(runs.flowId, flowId)).groupBy(runs.status),
  );
  return Object.fromEntries(rows.map((row) => [row.status, row.runs]));
};

/** A list of any length as one parameter. */
const oneOf = (runIds: readonly string[]) =>
  sql`${runs.id} in (select jsonb_array_elements_text(${JSON.stringify(runIds)}::jsonb))`;

/** Of these runs, how many have not ended on record. */
export const countOpen = async ({ db }: Stage, runIds: readonly string[]): Promise<number> => {
  const [row] = await withSystem(db, (tx) =>
    tx
      .select({ runs: count() })
      .from(runs)
      .where(and(oneOf(runIds), notInArray(runs.status, [...closed]))),
  );
  return row?.runs ?? 0;
};

/** Milliseconds from its row to its end of each of these runs that has succeeded. */
export const readDurations = async ({ db }: Stage, runIds: readonly string[]): Promise<number[]> => {
  const rows = await withSystem(db, (tx) =>
    tx
      .select({ createdAt: runs.createdAt, finishedAt: runs.finishedAt })
      .from(runs)
      .where(and(oneOf(runIds), eq(runs.status, 'succeeded'))),
  );
  return rows.map(({ createdAt, finishedAt }) => (finishedAt ?? createdAt).getTime() - createdAt.getTime());
};

/** Waiting starts: runs that Temporal has not confirmed, in the whole database. */
export const countQueued = async ({ db }: Stage): Promise<number> => {
  const [row] = await withSystem(db, (tx) =>
    tx.select({ runs: sql<number>`count(*)::integer` }).from(runs).where(eq(runs.status, 'queued')),
  );
  return row?.runs ?? 0;
};

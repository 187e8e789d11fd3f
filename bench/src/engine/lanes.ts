import { randomUUIDv7 } from 'node:crypto';
import { type Json, type Plan } from '@everwave/schema/flow';
import { toId, workflowIdOf } from '@everwave/schema/ids';
import { type RunFlowResult, taskQueues } from '@everwave/schema/run';
import { startRun } from '@everwave/temporal/runs';
import type { ByHandInput } from '../by-hand/workflows.ts';
import { anOrder, compileGraph, type ConnectionIds, orderGraph } from '../flows.ts';
import { addRuns, countOpen } from '../stage/run-rows.ts';
import type { Stage } from '../stage/stage.ts';
import { waitUntil } from '../wait-until.ts';

export interface PreparedRun {
  readonly workflowId: string;
  /** From the start to the result. Throws when the run did not do what it is for. */
  execute(): Promise<void>;
}

/** One way to execute the same five actions. */
export interface Lane {
  readonly title: string;
  /** What the api has done before the engine begins. */
  prepare(runs: number): Promise<readonly PreparedRun[]>;
  /** Resolves when everything that was prepared has ended on record, too. */
  settle(): Promise<void>;
}

const isTimestamp = (value: unknown): boolean => typeof value === 'string' && /^\d+\.\d+$/.test(value);

const refuse = (title: string, result: unknown): never => {
  throw new Error(`A run of "${title}" ended with ${JSON.stringify(result)} instead of the message's timestamp.`);
};

/** (a) and (c): a workflow written by hand. */
export const byHandLane = (
  { temporal, orgId }: Stage,
  connections: ConnectionIds,
  workflow: 'orderByHand' | 'orderByHandExpress',
): Lane => {
  const title = workflow === 'orderByHand' ? 'by hand, durable' : 'by hand, local activities';
  const client = temporal.byHand;
  return {
    title,
    prepare: async (runs) =>
      Array.from({ length: runs }, (): PreparedRun => {
        const runId = toId('run', randomUUIDv7());
        const workflowId = workflowIdOf(orgId, runId);
        const input: ByHandInput = { orgId, runId, flowId: 'by-hand', connections, order: anOrder };
        return {
          workflowId,
          execute: async () => {
            const result: unknown = await client.workflow.execute(workflow, {
              workflowId,
              taskQueue: taskQueues.flow,
              args: [input],
            });
            if (!isTimestamp(result)) refuse(title, result);
          },
        };
      }),
    settle: async () => {},
  };
};

export interface OurFlow {
  readonly title: string;
  readonly plan: Plan;
  /** What `trigger` is. */
  readonly data: Json;
  readonly isRight: (output: unknown) => boolean;
}

/** (b) and (d): the flow as drawn, compiled and interpreted. */
export const flowLane = (stage: Stage, { title, plan, data, isRight }: OurFlow): Lane => {
  const client = stage.temporal.ours;
  let prepared: string[] = [];
  return {
    title,
    prepare: async (runs) => {
      const inputs = await addRuns(stage, { plan, planHash: plan.flowId, data }, runs);
      prepared = inputs.map(({ runId }) => runId);
      return inputs.map((input): PreparedRun => {
        const workflowId = workflowIdOf(input.orgId, input.runId);
        return {
          workflowId,
          execute: async () => {
            await startRun(client, input);
            const result = (await client.workflow.getHandle(workflowId).result()) as RunFlowResult;
            if (result.status !== 'succeeded' || !isRight(result.output)) refuse(title, result);
          },
        };
      });
    },
    settle: () =>
      waitUntil(`the record of "${title}"`, async () => (await countOpen(stage, prepared)) === 0, { within: 60_000 }),
  };
};

/** The trigger's data as `POST /v1/flows/:id/runs` gives it. */
export const manually = (body: Json): Json => ({ kind: 'manual', body });

/** The five actions as drawn, with what a run begins with. */
export const orderFlow = (connections: ConnectionIds, lane: 'durable' | 'express', title: string): OurFlow => {
  const plan = compileGraph(`flow_order_${lane}`, title, orderGraph(connections, { lane }), connections);
  const elsewhere = Object.values(plan.steps).find((step) => step.type === 'action' && step.lane !== lane);
  if (elsewhere) throw new Error(`The step ${elsewhere.id} of "${title}" is not in the lane that is measured.`);
  return { title, plan, data: manually({ ...anOrder }), isRight: isTimestamp };
};

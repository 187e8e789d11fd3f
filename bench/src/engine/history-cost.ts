import type { Client } from '@everwave/temporal/client';
import { chainGraph, compileGraph } from '../flows.ts';
import type { Stage } from '../stage/stage.ts';
import { flowLane, type Lane, manually } from './lanes.ts';

/** Milliseconds since the epoch of each event of a workflow, and what it is. */
export const readEvents = async (
  client: Client,
  workflowId: string,
): Promise<readonly { readonly at: number; readonly type: number }[]> => {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).map(({ eventTime, eventType }) => ({
    at: Number(eventTime?.seconds ?? 0) * 1000 + Number(eventTime?.nanos ?? 0) / 1_000_000,
    type: eventType ?? 0,
  }));
};

const chainLane = (stage: Stage, actions: number): Lane => {
  const title = `a chain of ${actions}`;
  return flowLane(stage, {
    title,
    plan: compileGraph(`flow_chain_${actions}`, title, chainGraph(actions)),
    data: manually({ count: 0 }),
    isRight: (output) => output === actions,
  });
};

export interface Chain {
  readonly events: number;
  /** The longest time between two events, in milliseconds. */
  readonly maxGap: number;
  /** From the first event to the last, in milliseconds. */
  readonly duration: number;
}

/** Executes a chain of durable actions once, alone, and reads its history. */
export const measureChain = async (stage: Stage, actions: number): Promise<Chain> => {
  const lane = chainLane(stage, actions);
  const [run] = await lane.prepare(1);
  if (!run) throw new Error('No run was prepared.');
  await run.execute();
  await lane.settle();
  const times = (await readEvents(stage.temporal.ours, run.workflowId)).map(({ at }) => at);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  return {
    events: times.length,
    maxGap: Math.max(0, ...gaps),
    duration: (times.at(-1) ?? 0) - (times[0] ?? 0),
  };
};

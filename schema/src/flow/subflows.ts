import type { GraphNode } from './graph.ts';
import type { Json, Plan, PlanStep, SubflowStep, TriggerStep } from './plan.ts';

/** What a drawing may run as a sub-flow: a flow of the same org. */
export interface Subflow {
  readonly name: string;
  readonly status: 'inactive' | 'active' | 'archived';
  /** Its live version; null when it was never published. */
  readonly live: { readonly plan: Plan; readonly planHash: string } | null;
}

/** By flow id. */
export type Subflows = ReadonlyMap<string, Subflow>;

export const subflowKind = 'control.subflow';

/** How deep sub-flows may stand in sub-flows. */
export const deepestSubflow = 5;

/** Characters of JSON of all plans that a plan holds: they travel with each of its runs. */
export const mostSubflows = 196_608;

export const subflowIdOf = ({ kind, input }: Pick<GraphNode, 'kind' | 'input'>): string | null =>
  kind === subflowKind && typeof input['flowId'] === 'string' ? input['flowId'] : null;

const subflowsIn = ({ steps }: Plan): readonly SubflowStep[] =>
  Object.values(steps).filter((step): step is SubflowStep => step.type === 'subflow');

/** Flows that a plan runs, itself included. */
export const flowsIn = (plan: Plan): ReadonlySet<string> =>
  new Set([plan.flowId, ...subflowsIn(plan).flatMap((step) => [...flowsIn(step.plan)])]);

/** 1 for a plan without sub-flows. */
export const depthOf = (plan: Plan): number => 1 + Math.max(0, ...subflowsIn(plan).map((step) => depthOf(step.plan)));

type StepPlace = Pick<SubflowStep, 'id' | 'title' | 'region' | 'order' | 'incoming' | 'outgoing'>;

/** A sub-flow of a drawing that has passed validation. It begins at the manual trigger, or else at the first one. */
export const toSubflowStep = (place: StepPlace, node: GraphNode, subflows: Subflows): SubflowStep => {
  const { input } = node;
  const live = subflows.get(subflowIdOf(node) ?? '')?.live;
  const triggers = Object.values(live?.plan.steps ?? {}).filter(
    (step: PlanStep): step is TriggerStep => step.type === 'trigger',
  );
  const trigger = triggers.find(({ kind }) => kind === 'trigger.manual') ?? triggers[0];
  if (!live || !trigger) throw new Error(`${place.id} runs a flow that cannot be run. Validate before you compile.`);
  return {
    ...place,
    type: 'subflow',
    plan: live.plan,
    planHash: live.planHash,
    trigger: { stepId: trigger.id, kind: trigger.kind },
    input: (input['input'] ?? null) as Json,
    mode: input['mode'] === 'detach' ? 'detach' : 'wait',
  };
};

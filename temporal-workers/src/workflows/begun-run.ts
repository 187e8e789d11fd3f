import type { ParentStep, RunFlowInput } from '@everwave/schema/run';

/** What the row of a sub-flow's run is made of: no api has written it. */
export type BegunRun = Pick<RunFlowInput, 'planHash' | 'trigger' | 'rootRunId'> & {
  readonly flowVersion: number;
  readonly parent: ParentStep;
  readonly requestId: string | null;
};

/** Null for a run that is no sub-flow. */
export const toBegun = ({ plan, planHash, rootRunId, trigger, run, parent }: RunFlowInput): BegunRun | null =>
  parent ? { flowVersion: plan.flowVersion, planHash, rootRunId, trigger, parent, requestId: run.requestId } : null;

import type { ForkOf, ParentStep, RunFlowInput } from '@everwave/schema/run';

/** What the row of a sub-flow's run is made of: no api has written it. */
export type BegunRun = Pick<RunFlowInput, 'planHash' | 'trigger' | 'rootRunId' | 'env'> & {
  readonly flowVersion: number;
  readonly parent: ParentStep;
  readonly requestId: string | null;
  /** Set where it starts an earlier run of the sub-flow again. */
  readonly fork?: ForkOf;
};

/** Null for a run that is no sub-flow. */
export const toBegun = (input: RunFlowInput): BegunRun | null => {
  const { plan, planHash, rootRunId, trigger, run, parent, fork, env } = input;
  if (!parent) return null;
  const { requestId } = run;
  return {
    flowVersion: plan.flowVersion,
    planHash,
    rootRunId,
    trigger,
    parent,
    requestId,
    ...(env && { env }),
    ...(fork && { fork }),
  };
};

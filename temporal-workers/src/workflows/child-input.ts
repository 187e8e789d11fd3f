import { type ChildFork, type Command, placeOf } from '@everwave/schema/interpreter';
import type { Plan, SubflowStep } from '@everwave/schema/flow';
import { batchWorkflowIdOf, type ForkOf, type RunFlowInput, variablesFor } from '@everwave/schema/run';

export type StartChild = Extract<Command, { type: 'startChild' }>;

/** The plan's sub-flow behind a path. Throws when the plan has no such step. */
export const subflowAt = (plan: Plan, path: string): SubflowStep => {
  const step = plan.steps[placeOf(path).stepId];
  if (step?.type !== 'subflow') throw new Error(`The plan has no sub-flow at ${path}.`);
  return step;
};

/** What the run of a sub-flow is started with: its trigger delivers the step's input. `at`: Unix ms. */
export const toChildInput = (parent: RunFlowInput, command: StartChild, at: number): RunFlowInput => {
  const { path, ordinal, childRunId, input, fork: childFork } = command;
  const { plan, planHash, trigger, mode } = subflowAt(parent.plan, path);
  const receivedAt = new Date(at).toISOString();
  return {
    engineVersion: parent.engineVersion,
    orgId: parent.orgId,
    runId: childRunId,
    rootRunId: childFork?.rootRunId ?? childRunId,
    outermostRunId: parent.outermostRunId ?? parent.runId,
    plan,
    planHash,
    trigger: {
      ...trigger,
      data: { kind: 'subflow', method: null, headers: {}, query: {}, body: input, receivedAt },
    },
    run: {
      ...parent.run,
      flowName: plan.title,
      url: parent.run.url.replace(parent.runId, childRunId),
    },
    ...variablesFor(plan, parent.env),
    parent: {
      runId: parent.runId,
      path,
      ordinal,
      waits: mode === 'wait',
      ...(parent.batch && { workflowId: batchWorkflowIdOf(parent.orgId, parent.runId, parent.batch) }),
    },
    ...(childFork && { fork: toForkOf(childFork) }),
  };
};

/** The run that it goes on from ends with its parent, before this one begins. */
const toForkOf = ({ rootRunId: _rootRunId, ...fork }: ChildFork): ForkOf => ({ ...fork, originSeq: null });

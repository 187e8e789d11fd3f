import type { Command, RunState } from '@everwave/schema/interpreter';
import { createState } from '@everwave/schema/interpreter';
import type { HostedRunInput, RunFlowInput, RunHostInput } from '@everwave/schema/run';

/** One run in a host: everything that its own workflow would know of it. */
export interface HostRun extends Omit<RunFlowInput, 'snapshot' | 'carried'> {
  state: RunState;
  /** `leaving`: it goes on by itself as soon as its express steps have ended. */
  phase: 'open' | 'leaving' | 'ejected' | 'ended';
  /** Commands that its own workflow will perform. */
  readonly held: Command[];
  /** Characters of JSON that its steps have returned. */
  returned: number;
}

export const toHostRun = (
  { engineVersion, orgId, plan, planHash, env }: RunHostInput,
  { runId, rootRunId, trigger, run }: HostedRunInput,
): HostRun => ({
  engineVersion,
  orgId,
  runId,
  rootRunId,
  plan,
  planHash,
  trigger,
  run,
  ...(env && { env }),
  state: createState(plan),
  phase: 'open',
  held: [],
  returned: 0,
});

/** What the run's own workflow begins with: the state it has now, and what was not performed here. */
export const toOwnInput = (
  run: HostRun,
  host: { readonly workflowId: string; readonly temporalRunId: string },
): RunFlowInput => ({
  engineVersion: run.engineVersion,
  orgId: run.orgId,
  runId: run.runId,
  rootRunId: run.rootRunId,
  plan: run.plan,
  planHash: run.planHash,
  trigger: run.trigger,
  run: run.run,
  ...(run.env && { env: run.env }),
  snapshot: run.state,
  carried: { commands: run.held, repairs: [], host },
});

import type { Plan } from '../flow/plan.ts';
import type { RunFlowInput } from './contract.ts';

/** The workflow type that advances many short express runs at once. */
export const runHostType = 'runHost';

/** Update with which the api asks a host to let a run go on by itself. Its one argument is an `EjectRequest`. */
export const ejectUpdate = 'ejectRun';

/** One run, as a host starts it. */
export type HostedRunInput = Pick<RunFlowInput, 'runId' | 'rootRunId' | 'trigger' | 'run'>;

/** The host's single argument: runs of one plan. */
export interface RunHostInput {
  readonly engineVersion: 1;
  readonly orgId: string;
  /** 32 hexadecimal digits; names the workflow. */
  readonly hostId: string;
  readonly plan: Plan;
  readonly planHash: string;
  /** As in `RunFlowInput`, the same for all of them. */
  readonly env?: RunFlowInput['env'];
  readonly runs: readonly HostedRunInput[];
}

export interface RunHostResult {
  readonly ended: number;
  /** Runs that went on as workflows of their own. */
  readonly ejected: number;
}

export interface EjectRequest {
  readonly runId: string;
}

/** `ejected`: the run has its own workflow. `ended`: it was over before it could be ejected. */
export interface EjectReply {
  readonly status: 'ejected' | 'ended';
}

/** What a host has room for: it never goes on in a new history, and lives for seconds. */
export const hostLimits = {
  runs: 50,
  /** Runs times steps: each step is an event. */
  steps: 1_000,
  /** Bytes of what one run was started with. */
  trigger: 65_536,
  /** Bytes of what all of them were started with. */
  triggers: 786_432,
  /** Milliseconds that a run may take in its host. */
  runTime: 5_000,
  /** Characters of JSON that a run's steps may return together. */
  runOutput: 262_144,
  /** Characters of JSON that leave with one workflow task. */
  ejections: 524_288,
} as const;

import type { EvaluationRequest } from '../flow/expression/evaluation-request.ts';
import type { Command, StepTransition } from '../interpreter/command.ts';
import type { Actor, BatchEnd, BatchReport, ChildEnd, LetterReference } from '../interpreter/event.ts';
import type { ForkOrder } from '../interpreter/fork/fork-order.ts';
import type { BatchPlace, RunState } from '../interpreter/state.ts';
import type { ActionStep, Json, Plan, RetryPolicy, Variables } from '../flow/plan.ts';
import type { LargeValue, ValueReference } from './large-value.ts';
import type { Failure } from './status.ts';

/** What the api, the workflow and the activities say to each other through Temporal. Everything here is encrypted in history. */

/** The one workflow type that executes every flow. */
export const runFlowType = 'runFlow';
/** The workflow type of a batch of a loop's items: the same as `runFlow`, but for the items alone. */
export const runBatchType = 'runBatch';
/** Workflow type and queue for connection tests and single-node tests. */
export const probeType = 'probe';

export const taskQueues = { flow: 'flow', heavy: 'heavy', code: 'code', money: 'money' } as const;

/** The workflow's single argument. */
export interface RunFlowInput {
  readonly engineVersion: 1;
  readonly orgId: string;
  readonly runId: string;
  /** Part of every effect key; equal to `runId` unless the run continues another. */
  readonly rootRunId: string;
  readonly plan: Plan;
  readonly planHash: string;
  readonly trigger: { readonly stepId: string; readonly kind: string; readonly data: Json };
  /** Read by expressions as `run`, and shown in the Temporal UI. */
  readonly run: {
    readonly flowName: string;
    readonly url: string;
    readonly requestId: string | null;
    /** W3C trace context of what started the run, handed on to its activities; absent where nothing is traced. */
    readonly traceparent?: string | null;
  };
  /**
   * Variables that the plan names, as they were when the run began; read by expressions as `env`. Absent when it names
   * none. Of a secret one there is only its name.
   */
  readonly env?: Variables;
  /** Of a sub-flow: the run around all others. */
  readonly outermostRunId?: string;
  /** The step of another run that this one is a sub-flow of. */
  readonly parent?: ParentStep;
  /** Set when this run starts another one again from a step. */
  readonly fork?: ForkOf;
  /** Set in the workflow of a batch of a loop's items. */
  readonly batch?: BatchStart;
  /** State of an earlier part of this run; of a batch, the one that it begins with. */
  readonly snapshot?: RunState;
  /** Set when this part continues another part of the same run: what that one had not performed, and had answered. */
  readonly carried?: {
    readonly commands: readonly Command[];
    readonly repairs: readonly { readonly requestId: string; readonly reply: RepairReply }[];
    /** Set when the earlier part was in a host: where its history is. */
    readonly host?: { readonly workflowId: string; readonly temporalRunId: string };
  };
  /** Events after which the run goes on in a new history; for tests. */
  readonly historyLimit?: number;
}

/** Which step of which run has started a run. */
export interface ParentStep {
  readonly runId: string;
  readonly path: string;
  readonly ordinal: number;
  /** Whether it waits to hear how the run ends. */
  readonly waits: boolean;
  /** The workflow in which the step stands, where that is a batch of the run. */
  readonly workflowId?: string;
}

/** Signal with which the run of a sub-flow tells its parent how it ended: it reaches every part of that run. */
export const childEndedSignal = 'childEnded';
export interface ChildEnded {
  readonly path: string;
  readonly ordinal: number;
  readonly end: ChildEnd;
}

/** Which batch of a run a workflow has. */
export interface BatchStart extends BatchPlace {
  /** The workflow that has started it: the run's own, or that of the batch around it. */
  readonly toldTo: string;
  /** What the state that it begins with waits for, when that was rebuilt for a fork. */
  readonly commands?: readonly Command[];
}

/** Signals between a run and its batches. They reach every part of either. */
export const batchReportedSignal = 'batchReported';
export type BatchReported = BatchPlace & { readonly report: BatchReport };
export const batchEndedSignal = 'batchEnded';
export type BatchEnded = BatchPlace & { readonly end: BatchEnd };
export const stopBatchSignal = 'stopBatch';
export type StopBatch = Pick<Extract<Command, { type: 'stopBatch' }>, 'evenFinally' | 'closing'>;

/** Which run a fork starts again, and how. */
export interface ForkOf extends ForkOrder {
  readonly originRunId: string;
  /** Set when the origin is open, and so to be superseded: how far it had come when this was decided. */
  readonly originSeq: number | null;
  /** Open runs of sub-flows that end with the origin, the innermost first. Absent when there is none. */
  readonly ending?: readonly EndingRun[];
}

export interface EndingRun extends SupersedeRequest {
  readonly runId: string;
}

/** Activity that supersedes a fork's origin, when that is open, and makes the state that the fork begins with. */
export const startForkActivity = 'everwave.startFork@1';
export interface StartForkInput extends Pick<RunFlowInput, 'orgId' | 'runId' | 'plan' | 'planHash' | 'env'> {
  readonly fork: ForkOf;
  readonly run: RunState['run'];
  readonly seed: number;
  /** Unix ms. */
  readonly at: number;
}
export interface StartedFork {
  readonly state: RunState;
  /** Evaluations, with values that are kept outside of the run, and batches of loops that its state waits for. */
  readonly commands?: readonly Command[];
  /** Reports of what stands. */
  readonly kept: readonly StepTransition[];
}
/** `type` of the failure with which that activity refuses; its details are a `Failure`. */
export const forkRefusedFailure = 'fork_refused';

/** The workflow that a schedule starts each time: its id says which schedule, and which time. */
export const fireTriggerType = 'fireTrigger';
/** Activity that puts into the inbox that a schedule has fired. */
export const fireTriggerActivity = 'everwave.fireTrigger@1';
export interface TriggerFire {
  readonly orgId: string;
  readonly triggerId: string;
  /** ISO 8601, in whole seconds. */
  readonly scheduledAt: string;
}

/** Update: a fork goes on in this run's place. */
export const supersedeUpdate = 'supersedeRun';
export interface SupersedeRequest {
  readonly byRunId: string;
  /** The run's last transition, as whoever decided knew it. */
  readonly seq: number;
}

/** Update: the run goes on under another version of its flow. */
export const migrateUpdate = 'migrateRun';
export interface MigrateRequest {
  readonly requestId: string;
  readonly by: Actor;
  readonly plan: Plan;
  readonly planHash: string;
  /** Asks only: the answer is a refusal all the same, `fits` when it would be carried out. */
  readonly isPreview?: true;
}
export interface MigrateReply {
  readonly status: string;
  readonly flowVersion: number;
}

export interface RunFlowResult {
  readonly status: 'succeeded' | 'failed' | 'cancelled' | 'superseded';
  readonly output?: Json;
  /** In place of an output that is kept outside of the run. */
  readonly outputReference?: ValueReference;
}

/** The single argument of every node's activity. */
export interface ActivityInput {
  readonly orgId: string;
  readonly flowId: string;
  readonly runId: string;
  readonly rootRunId: string;
  /** In a sub-flow: the run around all others, whose files it may open and has its own in. */
  readonly outermostRunId?: string;
  readonly path: string;
  readonly ordinal: number;
  readonly generation: number;
  /** The ordinal rose with a frame around the step: nobody has decided that an unclear effect is to be tried again. */
  readonly begunAgain?: true;
  readonly connectionId: string | null;
  /** Secret variables that the activity puts into the input. */
  readonly secrets?: ActionStep['secrets'];
  readonly requestId: string | null;
  readonly traceparent?: string | null;
  /** Evaluated input; the activity parses it with the node's own schema. */
  readonly input: Json;
  /** What the activity evaluates first: it gives the input, and is null there; of `evaluateActivity`, the result. */
  readonly evaluate?: EvaluationRequest;
  /** Paths of the output that come beside its reference when it is kept outside of the run. */
  readonly reads?: readonly string[];
  /** When Temporal tries again. It tells activities itself, but for those it dispatches eagerly. */
  readonly retry?: RetryPolicy;
  /** Attempts of this step and ordinal before this activity was scheduled: Temporal's own number begins after them. */
  readonly attemptsBefore?: number;
  /** Set in the express lane. `isCut`: an attempt has less time there than the step's own limit says. */
  readonly express?: { readonly isCut: boolean };
}

/** The single result of every node's activity. */
export interface ActivityResult {
  /** Of `evaluateActivity`, an `EvaluationReply`. */
  readonly output: Json;
  /** In place of the output, which is then null: it is kept outside of the run. */
  readonly large?: LargeValue;
  readonly express?: ExpressEnd;
}

/**
 * How an express step ended, beside its result; the second of a failure's details. While its workflow task lasts, nothing
 * else says how much time has passed, and a replay must count the same.
 */
export interface ExpressEnd {
  readonly runId: string;
  /** `send`, as a durable step's activity id. */
  readonly step: string;
  /** Milliseconds since the step was scheduled. */
  readonly took: number;
}

/** `type` of the ApplicationFailure with which an activity asks to be scheduled again later, without spending an attempt. */
export const deferredFailure = 'Deferred';
/** Details of that failure. `until` is Unix ms. */
export interface DeferredDetails {
  readonly until: number;
  readonly reason: string;
  /** The attempt that was asked to wait, from 1. */
  readonly attempt?: number;
  /** A limit of ours is full, and knows when it is worth coming back. */
  readonly isLimit?: true;
}

/** `type` of the ApplicationFailure with which an express step asks to be scheduled again as a durable one. */
export const leftLaneFailure = 'LeftLane';
/** Details of that failure. */
export interface LeftLaneDetails {
  /** The last attempt made, from 1. */
  readonly attempt: number;
  /** How that attempt failed; absent when it merely did not fit into the lane. */
  readonly failure?: Failure;
  /** Milliseconds until the next attempt is due. */
  readonly wait: number;
}

/** What the express lane has room for. Several steps share one workflow task, and its one message to Temporal. */
export const expressLimits = {
  /** Milliseconds that one attempt may take. */
  attempt: 4_000,
  /** Milliseconds from scheduling a step until its last attempt begins. */
  lastAttempt: 3_000,
  /** Milliseconds from scheduling a step until its end; what takes longer has stopped listening. */
  step: 8_000,
  /** Bytes of JSON that a step may return. */
  output: 32_768,
  /** Steps of one workflow that run at the same time. */
  atOnce: 40,
} as const;

/** Arguments of the five updates; the update's name is the repair's action. */
export interface RepairRequest {
  /** Makes the repair idempotent: also Temporal's update id. */
  readonly requestId: string;
  readonly by: Actor;
  readonly path?: string;
  readonly input?: Json;
  /** In place of an input: a JSON Merge Patch of the one that the step had. What is kept outside of the run stays there. */
  readonly edit?: Json;
  readonly output?: Json;
  /** Refused once this dead letter of the run is decided. */
  readonly letter?: LetterReference;
}
export const repairUpdates = ['retryStep', 'completeStep', 'skipStep', 'failRun', 'cancelRun'] as const;
export interface RepairReply {
  readonly status: string;
}

/** A payload that reached a worker without the org's encryption is replaced by this value, and its message is refused. */
export const unsealedMarker = '$everwaveUnsealed';

export interface ProbeInput {
  readonly orgId: string;
  readonly connectionId: string;
}
export type ProbeResult =
  | { readonly ok: true; readonly message: string }
  | { readonly ok: false; readonly message: string; readonly advice?: string };

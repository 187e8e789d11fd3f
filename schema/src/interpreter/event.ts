import type { Json } from '../flow/plan.ts';
import type { LargeValue, ValueReference } from '../run/large-value.ts';
import type { Failure } from '../run/status.ts';
import type { ApprovalAnswer, Approver, OutsideEvent } from '../run/waits.ts';
import type { BatchPlace, LoopState, ParkedInside, RunState } from './state.ts';

/** Who asked for a repair, as the api vouches for it. */
export interface Actor {
  readonly userId: string;
  readonly name: string;
  readonly role: string;
}

/** One stay of a step at a person's door: a retry that parks again has the next ordinal. */
export interface LetterReference {
  readonly path: string;
  readonly ordinal: number;
}

/**
 * The five repairs. Each names its step by path; `requestId` makes it idempotent. One that was asked for because of a dead
 * letter names that, and is refused once somebody has decided it.
 */
export type Repair = { readonly letter?: LetterReference } & (
  | {
      readonly action: 'retryStep';
      readonly path: string;
      readonly input?: Json;
      /** In place of an input: a JSON Merge Patch of the one it had. */
      readonly edit?: Json;
    }
  | { readonly action: 'completeStep'; readonly path: string; readonly output: Json }
  | { readonly action: 'skipStep'; readonly path: string }
  | { readonly action: 'failRun' }
  | { readonly action: 'cancelRun' }
);

/** How the run of a sub-flow ended. */
export type ChildEnd =
  | {
      readonly status: 'succeeded';
      readonly output?: Json;
      /** In place of an output that is kept outside of its run. */
      readonly outputReference?: ValueReference;
    }
  | { readonly status: 'failed'; readonly failure: Failure }
  | { readonly status: 'cancelled' };

/** What a batch of a loop's items tells the run that it is a part of. */
export interface BatchReport {
  readonly holds: number;
  readonly begun: boolean;
  readonly parked: ParkedInside | null;
}

/** How a batch of a loop's items ended: everything that the run must know of it. */
export interface BatchEnd {
  /** What its items gave, in their order; null for those that failed or did not run. */
  readonly results: readonly Json[];
  /** Parts of the results that are kept outside of the run; by the items' place in the whole list. */
  readonly placed?: LoopState['placed'];
  /** Characters of JSON of all results. Beyond the limit of a loop there are none. */
  readonly size: number;
  /** Of its last transition. */
  readonly seq: number;
  readonly failed: LoopState['failed'];
  /** Why the loop must stop. */
  readonly stopped?: Failure;
  /** A failure that a frame around the loop takes. */
  readonly escaped?: Failure;
  /** The run must end. */
  readonly closing?: RunState['closing'];
  readonly done?: RunState['done'];
  readonly edited?: RunState['edited'];
  /** The highest ordinal used in it. */
  readonly usedOrdinal?: number;
}

/** What happened outside. `at` is Unix ms: the kernel has no clock of its own. */
export type KernelEvent = { readonly at: number } & (
  | {
      readonly type: 'started';
      readonly triggerStepId: string;
      /** What expressions read as `trigger`. */
      readonly trigger: Json;
      /** What expressions read as `run`; its `startedAt` is this event's time. */
      readonly run: { readonly id: string; readonly url: string; readonly flowName: string };
      /** What expressions read as `env`. */
      readonly env?: { readonly [name: string]: Json };
      /** An integer from the shell's own random source; everything random in the run follows from it. */
      readonly seed: number;
    }
  | {
      readonly type: 'stepSucceeded';
      readonly path: string;
      readonly ordinal: number;
      readonly output: Json;
      /** In place of the output: it is kept outside of the run. */
      readonly large?: LargeValue;
    }
  | {
      readonly type: 'stepFailed';
      readonly path: string;
      readonly ordinal: number;
      readonly failure: Failure;
      readonly attempts: number;
    }
  | {
      readonly type: 'stepDeferred';
      readonly path: string;
      readonly ordinal: number;
      readonly until: number;
      readonly reason: string;
      /** The attempt that was asked to wait, from 1; absent in histories that are older than the field. */
      readonly attempt?: number;
      /** A limit of ours is full, and knows when it is worth coming back. */
      readonly isLimit?: true;
    }
  /** An express step needs more time than its lane has: it is scheduled again as a durable one. */
  | {
      readonly type: 'stepLeftLane';
      readonly path: string;
      readonly ordinal: number;
      /** The last attempt made, from 1. */
      readonly attempt: number;
      /** Whether that attempt counts against the policy's maximum: it failed. */
      readonly failed: boolean;
      /** Not before this moment, Unix ms. */
      readonly until: number;
    }
  /** A sub-flow that is not waited for has begun. */
  | { readonly type: 'childStarted'; readonly path: string; readonly ordinal: number }
  | { readonly type: 'childEnded'; readonly path: string; readonly ordinal: number; readonly end: ChildEnd }
  | ({ readonly type: 'batchReported'; readonly report: BatchReport } & BatchPlace)
  | ({ readonly type: 'batchEnded'; readonly end: BatchEnd } & BatchPlace)
  /** The run asks this batch to stop. `closing`: because it ends, and how. */
  | {
      readonly type: 'batchStopped';
      readonly evenFinally: boolean;
      readonly closing: NonNullable<RunState['closing']>['status'] | null;
    }
  | { readonly type: 'stepCancelled'; readonly path: string; readonly ordinal: number }
  | { readonly type: 'timerFired'; readonly timerId: string }
  /** An event from outside for a step that waits for one of its name and key. */
  | { readonly type: 'eventArrived'; readonly path: string; readonly ordinal: number; readonly event: OutsideEvent }
  | { readonly type: 'approvalAnswered'; readonly answer: ApprovalAnswer; readonly by: Approver }
  | { readonly type: 'repaired'; readonly repair: Repair; readonly by: Actor }
  | { readonly type: 'cancelRequested'; readonly by?: Actor }
  /** A fork goes on in this run's place: nothing of it may happen any more. */
  | { readonly type: 'superseded'; readonly by: string }
  /** The state was made from another one: what can begin begins. */
  | { readonly type: 'resumed' }
  /** The state to begin with could not be made. */
  | { readonly type: 'startRefused'; readonly failure: Failure }
);

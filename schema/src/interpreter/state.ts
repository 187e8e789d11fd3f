import type { EvaluationRequest } from '../flow/expression/evaluation-request.ts';
import type { ExpressionError } from '../flow/expression/evaluator.ts';
import type { Json } from '../flow/plan.ts';
import type { LargeValue, PlacedReference, ValueReference } from '../run/large-value.ts';
import type { Failure, RunStatus, StepStatus } from '../run/status.ts';
import type { WaitsFor } from '../run/waits.ts';
import type { BatchEnd } from './event.ts';
import type { ChildFork } from './fork/fork-order.ts';

/** One step inside one scope. Plain JSON: this is the continue-as-new snapshot and the seed of a fork. */
export interface StepState {
  status: StepStatus;
  /** Rises by one each time the step is scheduled again by a person: activity `send`, then `send~2`. */
  ordinal: number;
  /** Rises when a person edits the input, and in a fork for what runs again; part of the effect key. See `flow/generation.ts`. */
  generation: number;
  /** In-edges that have not been settled yet, and those that were taken. */
  pendingEdges: number;
  takenEdges: number;
  input?: Json;
  /** In place of an input: the activity evaluates it, with values that are kept outside of the run. */
  recipe?: EvaluationRequest;
  output?: Json;
  /** In place of an output: it is kept outside of the run. */
  large?: LargeValue;
  /** What was evaluated outside on the way to its output. */
  evaluations?: Evaluations;
  failure?: Failure;
  attempts?: number;
  /** Absolute time, Unix ms: a timer's end, or when a deferred step is scheduled again. */
  dueAt?: number;
  /** A step that waits for something from outside says what for; gone when it waits no longer. */
  waitsFor?: WaitsFor;
  /** What it reads, when something comes, of values that are kept outside. */
  excerpts?: Excerpts;
  /** A loop under way. */
  loop?: LoopState;
  /** A frame: the highest ordinal used in it so far. A frame that a person begins again starts behind it. */
  usedOrdinal?: number;
  /** Asked to stop while the rest of its scope goes on: a branch that its merge does not wait for any more. */
  stopping?: true;
  /** A sub-flow under way: the run that it is. */
  child?: string;
  /** A sub-flow that is to go on in a fork of this run; gone when it has begun. */
  continues?: ChildFork;
  /** How often this ordinal was asked to come back later, and since when (Unix ms). */
  deferred?: { since: number; times: number };
  /**
   * What was tried before this ordinal was scheduled again, after a deferral or because it left the express lane:
   * attempts `made`, and how many of them were `free`, that is, do not count against the policy's maximum.
   */
  tries?: { made: number; free: number };
  /**
   * Set on an undo step whose turn has come. `generation` is that of the effect it undoes; `failure`: its input could not
   * be evaluated when its scope ended.
   */
  undoing?: { readonly generation: number; readonly failure?: Failure };
}

/** A step that is done and names an undo step. */
export interface Done {
  /** Where the undo step stands. */
  readonly scope: string;
  readonly stepId: string;
  /** Of the effect that would be undone. */
  readonly generation: number;
  /** What the undo step begins with, once the scope has ended and can be read no more. */
  readonly kept?: Pick<StepState, 'ordinal' | 'generation' | 'input' | 'recipe' | 'failure'> & {
    readonly size: number;
  };
}

/** What came of an evaluation outside; nothing at all where an expression gave nothing. */
export type Resolved = { readonly value?: Json } | { readonly large: LargeValue } | { readonly error: ExpressionError };

/** Evaluations that need values which are kept outside of the run: activities do them, one after the other. */
export interface Evaluations {
  /** What expressions take for now, Unix ms: when the first of them began. */
  readonly at: number;
  /** How many there have been; names the activity. */
  readonly count: number;
  /** The one under way. */
  readonly field?: string;
  /** Its result is the step's output. */
  readonly isOutput?: true;
  readonly done: { readonly [field: string]: Resolved };
}

/** Parts of values that are kept outside, by the value's hash. */
export interface Excerpts {
  readonly [sha256: string]: NonNullable<LargeValue['excerpt']>;
}

/** How far a loop has come. Iterations under way are scopes. */
export interface LoopState {
  /** What is looped over; absent in a `while`. */
  items?: readonly Json[];
  /** Set where `items` is a part of the list: where it begins there, and how many items the list has. */
  part?: { readonly from: number; readonly count: number };
  /** Index of the iteration to begin next. */
  next: number;
  /** What the iterations gave, by index; null for those that failed. */
  results: Json[];
  /** Parts of the results that are kept outside of the run. */
  placed?: readonly PlacedReference[];
  /** Characters of JSON of all results. Beyond the limit they are no longer kept, and the loop fails when it ends. */
  size?: number;
  failed: { readonly index: number; readonly failure: Failure }[];
  /** Why no further iteration begins. */
  stopped?: Failure;
  /** Batches under way, by number: their items run in workflows of their own. */
  batches?: { readonly [number: string]: OpenBatch };
}

/** A batch of a loop's items, as the run knows it. */
export interface OpenBatch {
  /** How many of the loop's items that may be under way are its own. */
  readonly holds: number;
  /** All of its items have begun. */
  readonly begun?: true;
  /** One of the steps in it that wait for a person. */
  readonly parked?: ParkedInside;
  /** Asked to stop; `all`: what tidies up and what undoes is to stop too. */
  readonly stopping?: 'most' | 'all';
}

export interface ParkedInside {
  readonly path: string;
  readonly failure: Failure;
}

/** Which batch a state is about, in the workflow that runs it. */
export interface BatchPlace {
  /** Of the loop. */
  readonly path: string;
  readonly ordinal: number;
  /** From 0. */
  readonly number: number;
}

/** One instance of a region: the flow itself (`root`), a try (`guarded`), one iteration of a loop (`each[7]`). */
export interface ScopeState {
  region: string;
  steps: { [stepId: string]: StepState };
  /** The frame that this is an instance of; absent in the root. */
  owner?: { readonly scope: string; readonly stepId: string };
  /** In a loop: which iteration, and over which item. */
  index?: number;
  item?: Json;
  /** Nothing begins here any more; it ends when what is running has ended. */
  stopping?: true;
  /** A failure that its frame takes. */
  failure?: Failure;
  /** The ordinal its steps began with, where a frame around them was begun again. */
  firstOrdinal?: number;
  /** Opened once more after it had ended, for one undo step. */
  reopened?: true;
  /** Stands around a batch: it goes on in the run itself, and is here to be read. */
  around?: true;
  /** What was evaluated outside about its result. */
  evaluations?: Evaluations;
}

/**
 * All there is to know about a run in flight. `scopes` is keyed by scope path (`root`, later `each[7]`);
 * a step's path is its id in the root scope and `<scope>.<id>` elsewhere.
 */
export interface RunState {
  stateVersion: 1;
  status: RunStatus;
  /** Counts transitions; the projection keeps the newest by it. */
  seq: number;
  startedAt: number;
  triggerStepId: string;
  trigger: Json;
  run: { readonly id: string; readonly url: string; readonly flowName: string };
  env: { readonly [name: string]: Json };
  seed: number;
  /** Timers that have been started and have neither fired nor been cancelled. */
  timers: { [timerId: string]: { readonly dueAt: number; readonly title: string } };
  vars: { [name: string]: Json };
  /** Variables whose values are kept outside of the run. */
  largeVars?: { readonly [name: string]: LargeValue };
  scopes: { [scopePath: string]: ScopeState };
  /**
   * Inputs that a person edited inside frames, and generations of effects that follow one that was undone, by step path:
   * they outlive the scope, should its frame be begun again.
   */
  edited?: { readonly [path: string]: Pick<StepState, 'generation' | 'input' | 'recipe'> };
  /** What could be undone, in the order in which it was done. */
  done?: readonly Done[];
  /** Steps that can begin. Empty between events, but while the turn's cost makes the rest wait for a timer. */
  ready: { scope: string; stepId: string }[];
  /** Names and ids of the events that steps of this run have taken, the newest last: none is taken twice. */
  receivedEvents?: readonly string[];
  /** Path of the step that has answered the caller of the webhook: it happens once. */
  responded?: string;
  output?: Json;
  outputReference?: ValueReference;
  failure?: Failure;
  /** Set in the workflow of a batch of a loop's items: nothing else of the run happens there. */
  batch?: BatchPlace & {
    readonly concurrency: number;
    /** What the run knows of it. */
    readonly told: OpenBatch;
    /** What came of it, once all of its items have ended. */
    readonly end?: BatchEnd;
  };
  /** Why the run is closing while steps are still running; it ends when they have ended. */
  closing?: {
    status: 'failed' | 'cancelled' | 'succeeded' | 'superseded';
    failure?: Failure;
    output?: Json;
    outputReference?: ValueReference;
    /** The fork that goes on in this run's place. */
    supersededBy?: string;
  };
}

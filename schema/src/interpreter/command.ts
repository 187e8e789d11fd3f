import type { EvaluationRequest } from '../flow/expression/evaluation-request.ts';
import type { ActionStep, Json } from '../flow/plan.ts';
import type { ValueReference } from '../run/large-value.ts';
import type { Failure, RunStatus, StepStatus } from '../run/status.ts';
import type { WaitsFor } from '../run/waits.ts';
import type { BatchEnd, BatchReport } from './event.ts';
import type { ChildFork } from './fork/fork-order.ts';
import type { BatchPlace, RunState } from './state.ts';

/** What the shell must do next. Performed in the order given. */
export type Command =
  | {
      readonly type: 'scheduleActivity';
      readonly path: string;
      readonly ordinal: number;
      /** `send`, `send~2` after a repair: what the Temporal UI shows. */
      readonly activityId: string;
      readonly title: string;
      readonly activity: string;
      readonly options: ActionStep['options'];
      readonly lane: ActionStep['lane'];
      /** Null where the activity evaluates it. */
      readonly input: Json;
      /** What the activity is to evaluate first: its input, or, of our own `evaluateActivity`, its result. */
      readonly evaluate?: EvaluationRequest;
      /** Paths of the output that are brought along when it is kept outside of the run. */
      readonly reads?: readonly string[];
      readonly connectionId: string | null;
      /** Where the activity puts secret variables. */
      readonly secrets?: ActionStep['secrets'];
      /** Part of the effect key (engine: org, root run id, path, effect ordinal, generation). */
      readonly generation: number;
      /** The ordinal rose with a frame around the step: nobody has looked at this one. */
      readonly begunAgain?: true;
      /** Attempts of this ordinal in earlier schedulings; absent when this is the first. */
      readonly attemptsBefore?: number;
    }
  | { readonly type: 'cancelActivity'; readonly path: string; readonly ordinal: number }
  /** The step's plan says which flow, and whether it is waited for. */
  | {
      readonly type: 'startChild';
      readonly path: string;
      readonly ordinal: number;
      readonly childRunId: string;
      readonly input: Json;
      /** The run goes on where an earlier one is started again. */
      readonly fork?: ChildFork;
    }
  | {
      readonly type: 'cancelChild';
      readonly path: string;
      readonly ordinal: number;
      readonly childRunId: string;
    }
  /** Items of a loop are to run in a workflow of their own. */
  | ({
      readonly type: 'startBatch';
      /** Index of its first item. */
      readonly from: number;
      readonly items: readonly Json[];
      readonly concurrency: number;
      /** Set in a fork, for a batch of which something stands: what it goes on from. */
      readonly restored?: RestoredBatch;
    } & BatchPlace)
  | ({
      readonly type: 'stopBatch';
      readonly evenFinally: boolean;
      readonly closing: NonNullable<RunState['closing']>['status'] | null;
    } & BatchPlace)
  /** This batch tells the run that it is a part of. */
  | ({ readonly type: 'reportBatch'; readonly report: BatchReport } & BatchPlace)
  | { readonly type: 'startTimer'; readonly timerId: string; readonly dueAt: number; readonly title: string }
  | { readonly type: 'cancelTimer'; readonly timerId: string }
  | { readonly type: 'reportStep'; readonly transition: StepTransition }
  | { readonly type: 'reportRun'; readonly transition: RunTransition }
  /** The run is over; nothing follows. */
  | {
      readonly type: 'closeRun';
      readonly status: 'succeeded' | 'failed' | 'cancelled' | 'superseded';
      readonly output?: Json;
      readonly outputReference?: ValueReference;
      readonly failure?: Failure;
      /** Set when what is over is a batch. */
      readonly batch?: BatchPlace & { readonly end: BatchEnd };
    };

/** A batch as it was rebuilt for a fork, and what its state waits for. */
export interface RestoredBatch {
  readonly state: RunState;
  readonly commands: readonly Command[];
}

/** One change of one step, for the projection. `seq` orders all transitions of a run. */
export interface StepTransition {
  readonly seq: number;
  readonly at: number;
  readonly path: string;
  readonly stepId: string;
  readonly ordinal: number;
  /** Absent while it is 1. */
  readonly generation?: number;
  readonly status: StepStatus;
  readonly input?: Json;
  /** In place of an input that its activity evaluates. */
  readonly recipe?: EvaluationRequest;
  readonly output?: Json;
  /** In place of an output that is kept outside of the run. */
  readonly outputReference?: ValueReference;
  readonly failure?: Failure;
  readonly attempts?: number;
  readonly dueAt?: number;
  /** What it waits for from outside; null when it has ceased to. */
  readonly waitsFor?: WaitsFor | null;
}

export interface RunTransition {
  readonly seq: number;
  readonly at: number;
  readonly status: RunStatus;
  readonly output?: Json;
  readonly outputReference?: ValueReference;
  readonly failure?: Failure;
  /** The fork that goes on in this run's place. */
  readonly supersededBy?: string;
}

import type { Duration, Json, RetryPolicy } from '../../../flow/plan.ts';
import type { Failure, RunStatus, StepStatus } from '../../../run/status.ts';
import type { Approver, Decision, OutsideEvent, WaitsFor } from '../../../run/waits.ts';

/** How the run of a sub-flow ended. */
export type End =
  | { readonly status: 'succeeded'; readonly output: Json }
  | { readonly status: 'failed'; readonly failure: Failure }
  | { readonly status: 'cancelled' };

/** What a person does with a step that waits for one, or with the run. */
export type PersonalAct =
  | { readonly act: 'retry'; readonly path: string; readonly input?: Json }
  | { readonly act: 'complete'; readonly path: string; readonly output: Json }
  | { readonly act: 'skip'; readonly path: string }
  | { readonly act: 'failRun' }
  | { readonly act: 'cancelRun' };

/** What happens to a run, in words that say nothing of how it is interpreted. */
export type Happening =
  | { readonly type: 'started'; readonly trigger: Json }
  | { readonly type: 'succeeded'; readonly path: string; readonly output: Json }
  | { readonly type: 'failed'; readonly path: string; readonly failure: Failure }
  | { readonly type: 'deferred'; readonly path: string; readonly until: number; readonly attempt: number }
  | { readonly type: 'stopped'; readonly path: string }
  | { readonly type: 'childBegan'; readonly path: string }
  | { readonly type: 'childEnded'; readonly path: string; readonly end: End }
  | { readonly type: 'timer'; readonly name: string }
  | { readonly type: 'event'; readonly path: string; readonly event: OutsideEvent }
  | { readonly type: 'answer'; readonly path: string; readonly decision: Decision; readonly by: Approver }
  | { readonly type: 'person'; readonly does: PersonalAct }
  | { readonly type: 'cancel' };

/** What a run asks of the world, and what it says of itself. */
export type Request =
  | {
      readonly type: 'act';
      readonly path: string;
      readonly input: Json;
      /** With the path it makes the effect's key. */
      readonly generation: number;
      readonly begunAgain: boolean;
      readonly attemptsBefore: number;
      readonly retry: RetryPolicy;
      readonly timeout: Duration;
    }
  | { readonly type: 'stop'; readonly path: string }
  | { readonly type: 'startChild'; readonly path: string; readonly input: Json }
  | { readonly type: 'stopChild'; readonly path: string }
  | {
      readonly type: 'note';
      readonly path: string;
      readonly status: StepStatus;
      readonly output?: Json;
      readonly failure?: Failure;
      readonly waitsFor?: WaitsFor;
    }
  | { readonly type: 'noteRun'; readonly status: RunStatus }
  | { readonly type: 'end'; readonly status: RunStatus; readonly output?: Json; readonly failure?: Failure };

/** When a run wants to be told that time has passed: `delay:each[1].pause`, `run`. */
export interface Alarm {
  readonly name: string;
  readonly dueAt: number;
}

/** One run in the hands of an interpreter: the kernel, or the plain one that it is compared with. */
export interface Subject {
  take(happening: Happening, at: number): Promise<readonly Request[]>;
  alarms(): readonly Alarm[];
}

import type { Actor, Repair, RunTransition, StepTransition } from '@everwave/schema/interpreter';
import type { ApprovalAnswer, Approver, Failure } from '@everwave/schema/run';
import type { BegunRun } from '../workflows/begun-run.ts';
import type { Heard } from './heard.ts';

/** Which run an entry is about. */
export interface RunReference {
  readonly orgId: string;
  readonly runId: string;
  readonly flowId: string;
}

export interface AttemptReference {
  readonly path: string;
  readonly ordinal: number;
  /** From 1. */
  readonly attempt: number;
}

export type AttemptEnding = 'succeeded' | 'failed' | 'deferred' | 'cancelled';

/** One thing that happened to a run, on its way into the projection. Times are Unix ms. */
export type Entry = { readonly run: RunReference } & (
  | {
      readonly kind: 'run';
      readonly temporalRunId: string;
      readonly transition: RunTransition;
      /** Set when another execution of its workflow task has told of it, or may have. */
      readonly heard?: Exclude<Heard, 'further'>;
      /** When the run began in Temporal; not known where a history is folded. */
      readonly startedAt?: number;
      /** The workflow that has the run together with others; absent when it runs by itself. */
      readonly hostWorkflowId?: string;
    }
  /** A sub-flow's run begins: its row is written from this. */
  | ({ readonly kind: 'started'; readonly at: number } & BegunRun)
  /** The run has left its host for a workflow of its own, whose first part is `temporalRunId`. */
  | { readonly kind: 'ejected'; readonly temporalRunId: string; readonly at: number }
  | {
      readonly kind: 'step';
      readonly temporalRunId: string;
      readonly transition: StepTransition;
      /** As of a run. */
      readonly heard?: Exclude<Heard, 'further'>;
      /** The step stands in a batch, whose workflow counts its transitions by itself. */
      readonly inBatch?: true;
    }
  | { readonly kind: 'repair'; readonly repair: Repair; readonly by: Actor; readonly at: number }
  | { readonly kind: 'answer'; readonly answer: ApprovalAnswer; readonly by: Approver; readonly at: number }
  /** The run goes on under another version of its flow. */
  | {
      readonly kind: 'migrated';
      readonly flowVersion: number;
      readonly planHash: string;
      readonly by: Actor;
      readonly at: number;
    }
  | {
      readonly kind: 'attemptStarted';
      readonly step: AttemptReference;
      readonly at: number;
      /** Temporal's identity of the worker. */
      readonly worker: string;
    }
  | {
      readonly kind: 'attemptEnded';
      readonly step: AttemptReference;
      readonly at: number;
      readonly status: AttemptEnding;
      readonly failure?: Failure;
      /** Set when Temporal will try again. */
      readonly nextAttemptAt?: number;
    }
);

export type EntryOf<Kind extends Entry['kind']> = Extract<Entry, { readonly kind: Kind }>;

/** Entries of one kind, in order. */
export const entriesOf = <Kind extends Entry['kind']>(entries: readonly Entry[], kind: Kind): EntryOf<Kind>[] =>
  entries.filter((entry): entry is EntryOf<Kind> => entry.kind === kind);

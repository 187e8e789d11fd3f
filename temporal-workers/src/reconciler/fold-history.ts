import { evaluateActivity, isClosed, type RunStatus } from '@everwave/schema/run';
import proto, { type temporal } from '@temporalio/proto';
import type { Entry, EntryOf, RunReference } from '../projection/entry.ts';
import { type HistoryDecoder, type HistoryEvent, timeOf } from './decode-history.ts';
import type { HistoryChain } from './fetch-chain.ts';
import type { StartedBatch } from './read-batches.ts';
import { type FoldedPart, foldPart } from './fold-part.ts';

export interface FoldedRun {
  readonly run: RunReference;
  readonly temporalRunId: string;
  /** The number of the last transition. */
  readonly seq: number;
  /** Everything that happened, as the worker would have reported it. */
  readonly entries: readonly Entry[];
  /** False when the first parts of the history are gone: then what is missing from `entries` may have happened. */
  readonly isWhole: boolean;
  /** Set when a worker was executing a workflow task that is not part of `entries`. */
  readonly isTaskUnderWay?: boolean;
  /** Its parts in Temporal, as far as their histories are there. */
  readonly temporalRunIds?: readonly string[];
  /** When an operator reset the run, the last time, Unix ms. */
  readonly resetAt?: number;
  /** Batches of loops that it has started: what their items did is in histories of their own. */
  readonly batches?: readonly StartedBatch[];
  /** The step that the run is a sub-flow of. */
  readonly parent?: FoldedPart['parent'];
  /** Under which version of its flow the run goes on; absent where a host has it. */
  readonly version?: FoldedPart['version'];
  /** The host in which the run began, when it did. */
  readonly host?: FoldedPart['host'];
}

/** Folds a run's whole history with the kernel. Null when it holds no run of ours: then there is nothing to show. */
export const foldHistory = async (chain: HistoryChain, decoder: HistoryDecoder): Promise<FoldedRun | null> => {
  const entries: Entry[] = [];
  let last: FoldedPart | null = null;
  const batches: StartedBatch[] = [];
  let host: FoldedPart['host'];
  for (const part of chain.parts) {
    last = await foldPart(part, decoder);
    entries.push(...last.entries);
    batches.push(...last.batches);
    host ??= last.host;
  }
  const newest = chain.parts.at(-1);
  if (!newest || !last?.run || !last.state) return null;
  const { run, state } = last;
  const { temporalRunId } = newest;
  entries.push(...(await pendingAttempts(chain, last, run, decoder)));
  const end = isClosed(state.status) || last.isBatch ? null : await endedByTemporal(newest.events.at(-1), decoder);
  if (end) entries.push({ kind: 'run', run, temporalRunId, transition: { seq: state.seq + 1, ...end } });
  return {
    run,
    temporalRunId,
    seq: end ? state.seq + 1 : state.seq,
    entries,
    isWhole: chain.isWhole,
    temporalRunIds: chain.parts.map((part) => part.temporalRunId),
    ...(chain.isTaskUnderWay && { isTaskUnderWay: true }),
    ...(batches.length > 0 && { batches }),
    ...(last.parent && { parent: last.parent }),
    ...(last.version && { version: last.version }),
    ...resetOf(newest.events),
    ...(host && { host }),
  };
};

/** A reset shows as a workflow task that failed for this reason, at the point it went back to. */
const resetOf = (events: readonly HistoryEvent[]): Pick<FoldedRun, 'resetAt'> => {
  const reset = events.findLast(
    ({ workflowTaskFailedEventAttributes: failed }) =>
      failed?.cause === proto.temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
  );
  return reset ? { resetAt: timeOf(reset) } : {};
};

type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

/** History is silent about attempts until the last one: whoever waits for its next attempt is known to Temporal alone. */
const pendingAttempts = async (
  { pendingActivities }: HistoryChain,
  { pending }: FoldedPart,
  run: RunReference,
  decoder: HistoryDecoder,
): Promise<Entry[]> => {
  const waiting = pendingActivities.filter(({ attempt, lastFailure }) => (attempt ?? 1) > 1 && lastFailure);
  const entries = waiting.map(async (activity) => toRetrying(activity, pending, run, decoder));
  return (await Promise.all(entries)).filter((entry) => entry !== null);
};

const toRetrying = async (
  { activityId, attempt, lastFailure, nextAttemptScheduleTime, scheduledTime }: Pending,
  pending: FoldedPart['pending'],
  run: RunReference,
  decoder: HistoryDecoder,
): Promise<EntryOf<'attemptEnded'> | null> => {
  const command = pending.get(activityId ?? '');
  if (!command || command.activity === evaluateActivity) return null;
  const next = timeOf({ eventTime: nextAttemptScheduleTime ?? scheduledTime ?? null });
  const error = await decoder.error(lastFailure);
  const failed = (command.attemptsBefore ?? 0) + (attempt ?? 2) - 1;
  return {
    kind: 'attemptEnded',
    run,
    step: { path: command.path, ordinal: command.ordinal, attempt: failed },
    at: next,
    status: 'failed',
    failure: { name: 'activity_failed', message: error?.message ?? 'The attempt failed.', attempt: failed },
    nextAttemptAt: next,
  };
};

interface End {
  readonly at: number;
  readonly status: RunStatus;
  readonly failure?: { readonly name: string; readonly message: string };
}

/** How a run ended that did not end by itself: by an operator in Temporal, or because it was refused. */
const endedByTemporal = async (event: HistoryEvent | undefined, decoder: HistoryDecoder): Promise<End | null> => {
  if (!event) return null;
  const at = timeOf(event);
  const terminated = event.workflowExecutionTerminatedEventAttributes;
  if (terminated) {
    const reason = terminated.reason ? `: ${terminated.reason}` : '';
    const message = `Terminated in Temporal by ${terminated.identity ?? 'somebody'}${reason}.`;
    return { at, status: 'failed', failure: { name: 'terminated', message } };
  }
  if (event.workflowExecutionTimedOutEventAttributes) {
    return {
      at,
      status: 'failed',
      failure: { name: 'timed_out', message: 'Temporal ended the run: its time was up.' },
    };
  }
  if (event.workflowExecutionCanceledEventAttributes) return { at, status: 'cancelled' };
  const failed = event.workflowExecutionFailedEventAttributes;
  if (!failed) return null;
  const error = await decoder.error(failed.failure);
  return { at, status: 'failed', failure: { name: 'failed', message: error?.message ?? 'The run failed.' } };
};

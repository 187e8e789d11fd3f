import type { Plan } from '@everwave/schema/flow';
import { type BatchPlace, placeOf } from '@everwave/schema/interpreter';
import { batchWorkflowIdOf, type RunFlowInput } from '@everwave/schema/run';
import type { Happening } from '../workflows/arrival.ts';
import type { StartBatch } from '../workflows/batch-commands.ts';
import { lostBatch, readBatchMessage, toBatchPlace } from '../workflows/batch-messages.ts';
import type { HistoryDecoder, HistoryEvent } from './decode-history.ts';
import { workflowOf } from './read-children.ts';

/** A batch that was started, and what rows there must be of its items. */
export interface StartedBatch extends BatchPlace {
  readonly items: number;
  /** Of the loop's batches; the last one may have fewer items. */
  readonly size: number;
  /** Steps that each item has. */
  readonly stepIds: readonly string[];
}

/** The batches that one part of a run has started, as far as its history tells. Mirrors `createBatchRunner`. */
export interface FoldedBatches {
  start(command: StartBatch): void;
  starting(): number;
  started(): readonly StartedBatch[];
  /** What the workflow heard by this event; null when it is about something else, or says nothing new. */
  read(event: HistoryEvent): Promise<Happening | null>;
}

export const createFoldedBatches = ({ orgId, runId, plan }: RunFlowInput, decoder: HistoryDecoder): FoldedBatches => {
  const known = new Map<string, StartBatch>();
  const starting = new Set<string>();
  /** Those that were there before they were started here. */
  const asked = new Set<string>();
  return {
    start: (command) => {
      const workflowId = batchWorkflowIdOf(orgId, runId, command);
      known.set(workflowId, command);
      starting.add(workflowId);
    },
    starting: () => starting.size,
    started: () => [...known.values()].map((command) => toStarted(plan, command)),
    read: async (event) => {
      const signal = event.workflowExecutionSignaledEventAttributes;
      if (signal) return readBatchMessage(signal.signalName ?? '', await decoder.first(signal.input));
      const workflowId = workflowOf(event);
      const command = workflowId === null ? undefined : known.get(workflowId);
      if (workflowId === null || !command) return null;
      starting.delete(workflowId);
      if (event.startChildWorkflowExecutionFailedEventAttributes) asked.add(workflowId);
      const isLost =
        (event.signalExternalWorkflowExecutionFailedEventAttributes && asked.delete(workflowId)) ||
        (event.childWorkflowExecutionFailedEventAttributes ??
          event.childWorkflowExecutionCanceledEventAttributes ??
          event.childWorkflowExecutionTerminatedEventAttributes ??
          event.childWorkflowExecutionTimedOutEventAttributes);
      return isLost ? { type: 'batchEnded', ...toBatchPlace(command), end: lostBatch } : null;
    },
  };
};

const toStarted = (plan: Plan, command: StartBatch): StartedBatch => {
  const { stepId } = placeOf(command.path);
  const step = plan.steps[stepId];
  return {
    ...toBatchPlace(command),
    items: command.items.length,
    size: step?.type === 'forEach' ? (step.batches?.size ?? 1) : 1,
    stepIds: plan.regions[stepId]?.steps ?? [],
  };
};

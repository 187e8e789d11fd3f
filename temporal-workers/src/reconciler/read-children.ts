import type { ChildEnd } from '@everwave/schema/interpreter';
import { childEndedSignal } from '@everwave/schema/run';
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import type { Happening } from '../workflows/arrival.ts';
import { lostEnd, parseChildEnded, toChildEnd } from '../workflows/child-end.ts';
import { type StartChild, subflowAt } from '../workflows/child-input.ts';
import type { RunFlowInput } from '@everwave/schema/run';
import type { HistoryDecoder, HistoryEvent } from './decode-history.ts';

/** The sub-flows that one part of a run has started, as far as its history tells. Mirrors `createChildRunner`. */
export interface FoldedChildren {
  start(command: StartChild): void;
  starting(): number;
  /** What the workflow heard by this event; null when it is about something else, or says nothing new. */
  read(event: HistoryEvent): Promise<Happening | null>;
}

export const createFoldedChildren = ({ orgId, plan }: RunFlowInput, decoder: HistoryDecoder): FoldedChildren => {
  const known = new Map<string, StartChild>();
  const starting = new Set<string>();
  const waits = ({ path }: StartChild) => subflowAt(plan, path).mode === 'wait';

  const started = (workflowId: string, command: StartChild): Happening | null => {
    starting.delete(workflowId);
    const { path, ordinal } = command;
    return waits(command) ? null : { type: 'childStarted', path, ordinal };
  };

  const readEnd = async (event: HistoryEvent, workflowId: string): Promise<ChildEnd | null> => {
    const failed = event.childWorkflowExecutionFailedEventAttributes;
    if (failed) return toChildEnd(await decoder.of(workflowId).error(failed.failure));
    if (event.childWorkflowExecutionCanceledEventAttributes) return toChildEnd(new CancelledFailure('Cancelled'));
    if (event.childWorkflowExecutionTerminatedEventAttributes) return toChildEnd(new TerminatedFailure('Terminated'));
    if (event.childWorkflowExecutionTimedOutEventAttributes) {
      return toChildEnd(new TimeoutFailure('Timed out', undefined, 'START_TO_CLOSE'));
    }
    // It was known before it was started here, and had ended.
    return event.signalExternalWorkflowExecutionFailedEventAttributes ? lostEnd : null;
  };

  return {
    start: (command) => {
      const workflowId = `t/${orgId}/r/${command.childRunId}`;
      known.set(workflowId, command);
      starting.add(workflowId);
    },
    starting: () => starting.size,
    read: async (event) => {
      const signal = event.workflowExecutionSignaledEventAttributes;
      if (signal) {
        const ended = signal.signalName === childEndedSignal && parseChildEnded(await decoder.first(signal.input));
        return ended ? { type: 'childEnded', ...ended } : null;
      }
      const workflowId = workflowOf(event);
      const command = workflowId === null ? undefined : known.get(workflowId);
      if (workflowId === null || !command) return null;
      if (
        event.childWorkflowExecutionStartedEventAttributes ??
        event.startChildWorkflowExecutionFailedEventAttributes
      ) {
        return started(workflowId, command);
      }
      const end = waits(command) ? await readEnd(event, workflowId) : null;
      const { path, ordinal } = command;
      return end && { type: 'childEnded', path, ordinal, end };
    },
  };
};

/** Which child an event is about. */
export const workflowOf = (event: HistoryEvent): string | null =>
  event.startChildWorkflowExecutionFailedEventAttributes?.workflowId ??
  (
    event.childWorkflowExecutionStartedEventAttributes ??
    event.childWorkflowExecutionFailedEventAttributes ??
    event.childWorkflowExecutionCanceledEventAttributes ??
    event.childWorkflowExecutionTerminatedEventAttributes ??
    event.childWorkflowExecutionTimedOutEventAttributes ??
    event.signalExternalWorkflowExecutionFailedEventAttributes
  )?.workflowExecution?.workflowId ??
  null;

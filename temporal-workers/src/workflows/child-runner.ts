import { childEndedSignal, type ChildEnded, type RunFlowInput } from '@everwave/schema/run';
import { ChildWorkflowFailure } from '@temporalio/common';
import {
  type ChildWorkflowHandle,
  defineSignal,
  getExternalWorkflowHandle,
  setHandler,
  type Workflow,
} from '@temporalio/workflow';
import type { Happening } from './arrival.ts';
import { lostEnd, parseChildEnded, toChildEnd } from './child-end.ts';
import { type StartChild, subflowAt, toChildInput } from './child-input.ts';
import { startOwnWorkflow } from './start-own-workflow.ts';
import type { Unconfirmed } from './unconfirmed.ts';

export interface ChildRunner {
  /** `at`: Unix ms. */
  start(command: StartChild, at: number): void;
  cancel(childRunId: string): void;
}

export const childEnded = defineSignal<[unknown]>(childEndedSignal);
/** Asks a run whether it is still open. It has no answer of its own: that it arrives is the answer. */
export const areYouOpen = defineSignal('areYouOpen');

/**
 * Starts the runs of sub-flows and delivers how they ended. They say so themselves, by signal, because that reaches this
 * run in whatever history it is by then; Temporal's own news counts for those that could not.
 */
export const createChildRunner = (
  input: RunFlowInput,
  deliver: (happening: Happening) => void,
  { track }: Unconfirmed,
): ChildRunner => {
  const starts = new Map<string, Promise<unknown>>();
  const workflowIdOf = (childRunId: string) => `t/${input.orgId}/r/${childRunId}`;

  setHandler(childEnded, (message) => {
    const ended = parseChildEnded(message);
    if (ended) deliver({ type: 'childEnded', ...ended });
  });
  setHandler(areYouOpen, () => {});

  const begin = async (command: StartChild, at: number): Promise<void> => {
    const { path, ordinal, childRunId } = command;
    const isWaitedFor = subflowAt(input.plan, path).mode === 'wait';
    const origin = `It is a sub-flow of \`${workflowIdOf(input.runId)}\`.`;
    const starting = track(startOwnWorkflow(toChildInput(input, command, at), origin));
    starts.set(childRunId, starting);
    const handle = await starting;
    starts.delete(childRunId);
    if (!isWaitedFor) return deliver({ type: 'childStarted', path, ordinal });
    const end = handle ? await endOf(handle) : await track(endOfKnown(workflowIdOf(childRunId)));
    if (end) deliver({ type: 'childEnded', path, ordinal, end });
  };

  return {
    start: (command, at) => void begin(command, at),
    cancel: (childRunId) => {
      const ask = async () => {
        await starts.get(childRunId);
        await getExternalWorkflowHandle(workflowIdOf(childRunId)).cancel();
      };
      // One that has ended meanwhile has said so.
      track(ask()).catch(() => undefined);
    },
  };
};

/** Null when it ended in good order: then it has told us itself. */
const endOf = async (handle: ChildWorkflowHandle<Workflow>): Promise<ChildEnded['end'] | null> => {
  try {
    await handle.result();
    return null;
  } catch (error) {
    return toChildEnd(error instanceof ChildWorkflowFailure ? error.cause : error);
  }
};

/** Null while it is open: then it will tell us. */
const endOfKnown = async (workflowId: string): Promise<ChildEnded['end'] | null> => {
  try {
    await getExternalWorkflowHandle(workflowId).signal(areYouOpen);
    return null;
  } catch {
    return lostEnd;
  }
};

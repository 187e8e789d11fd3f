import type { Plan } from '../../flow/plan.ts';
import type { Command, RestoredBatch } from '../command.ts';
import type { KernelEvent } from '../event.ts';
import { createBatchState } from '../frames/batch.ts';
import type { BatchPlace, RunState } from '../state.ts';

export const batchId = ({ path, ordinal, number }: BatchPlace): string => `${path}~${ordinal}/${number}`;

/** What the workflow of a batch begins with. */
export const beginningOf = (
  plan: Plan,
  parent: RunState,
  command: Extract<Command, { type: 'startBatch' }>,
): RestoredBatch => command.restored ?? { state: createBatchState(plan, parent, command), commands: [] };

/** What a workflow of a run sends to another one with a command: to a batch of its own, or to the one that has started it. */
export const messageOf = (
  command: Command,
): { readonly to: BatchPlace | 'parent'; readonly event: KernelEvent } | null => {
  if (command.type === 'stopBatch') {
    const { evenFinally, closing } = command;
    return { to: command, event: { type: 'batchStopped', evenFinally, closing, at: 0 } };
  }
  if (command.type === 'reportBatch') {
    const { path, ordinal, number, report } = command;
    return { to: 'parent', event: { type: 'batchReported', path, ordinal, number, report, at: 0 } };
  }
  if (command.type === 'closeRun' && command.batch) {
    return { to: 'parent', event: { type: 'batchEnded', ...command.batch, at: 0 } };
  }
  return null;
};

import type { FlowGraph } from '@everwave/schema/flow';

/** A drawing with the way back, and forth again. */
export interface History {
  readonly past: readonly FlowGraph[];
  readonly present: FlowGraph;
  readonly future: readonly FlowGraph[];
  /** What was changed last: more of the same, such as letters of one field, is undone together. */
  readonly lastChanged: string | null;
}

const longest = 200;

export const beginHistory = (present: FlowGraph): History => ({ past: [], present, future: [], lastChanged: null });

/** `changed` names what a person is busy with; null where each change stands for itself. */
export const push = (history: History, next: FlowGraph, changed: string | null = null): History => {
  const { past, present, lastChanged } = history;
  if (next === present) return history;
  const goesOn = changed !== null && changed === lastChanged;
  return { past: goesOn ? past : [...past, present].slice(-longest), present: next, future: [], lastChanged: changed };
};

export const undo = (history: History): History => {
  const before = history.past.at(-1);
  if (!before) return history;
  return {
    past: history.past.slice(0, -1),
    present: before,
    future: [history.present, ...history.future],
    lastChanged: null,
  };
};

export const redo = (history: History): History => {
  const [after, ...future] = history.future;
  if (!after) return history;
  return { past: [...history.past, history.present], present: after, future, lastChanged: null };
};

import type { Run, RunEvent, RunStep } from '@everwave/schema/api';
import { isClosed } from '@everwave/schema/run';

/** What the live stream said of a run since its page was loaded: the newest event, or null. */
export type LiveRun = RunEvent | null;

const keyOf = (step: { readonly path: string; readonly ordinal: number }): string => `${step.path}~${step.ordinal}`;

/**
 * The run with what an event says laid over it. Events carry states, not values: a step's input and output stay as they were
 * loaded. An event older than the loaded run changes nothing.
 */
export const applyRunEvent = (run: Run, event: LiveRun): Run => {
  if (!event || event.runId !== run.id || Date.parse(event.updatedAt) < Date.parse(run.updatedAt)) return run;
  const titles = new Map(run.graph.nodes.map((node) => [node.id as string, node]));
  const steps = new Map<string, RunStep>(run.steps.map((step) => [keyOf(step), step]));
  for (const live of event.steps ?? []) {
    const known = steps.get(keyOf(live));
    const node = titles.get(live.stepId);
    steps.set(keyOf(live), {
      title: node?.title ?? live.stepId,
      kind: node?.kind ?? '',
      failure: null,
      meters: [],
      costUsd: null,
      ...known,
      ...live,
    });
  }
  // Events do not say when a run ended; when it was last seen to change is near enough until the run is read again.
  const finishedAt = isClosed(event.status) ? (run.finishedAt ?? event.updatedAt) : null;
  return { ...run, status: event.status, finishedAt, updatedAt: event.updatedAt, steps: [...steps.values()] };
};

/** Keeps the newer of two events; they may arrive out of order after a reconnect. */
export const newerEvent = (last: LiveRun, next: RunEvent): RunEvent =>
  last && last.runId === next.runId && last.seq > next.seq ? last : next;

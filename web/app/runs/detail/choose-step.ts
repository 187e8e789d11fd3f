import type { Run } from '@everwave/schema/api';
import type { StepStatus } from '@everwave/schema/run';
import { newestSteps } from '#app/flows/canvas/step-view.ts';

/** What a person opening a run most likely came for, in this order. */
const urgency: readonly StepStatus[] = ['needs_attention', 'failed', 'retrying', 'running', 'waiting'];

/** The node of a step: of `each[7].send` it is `send`. */
export const nodeIdOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** The step in the inspector: the one the address names, else the most urgent, else the last that finished. */
export const chooseStep = (run: Run, asked: string | null): string | null => {
  const steps = [...newestSteps(run.steps).values()];
  if (asked !== null) {
    // An iteration that the run has not come to is said to be none, instead of showing another step.
    const exists =
      steps.some((step) => step.path === asked) || run.graph.nodes.some((node) => node.id === nodeIdOf(asked));
    if (exists) return asked;
  }
  for (const status of urgency) {
    const urgent = steps.find((step) => step.status === status);
    if (urgent) return urgent.path;
  }
  const finished = steps
    .filter((step) => step.finishedAt !== null && step.status === 'succeeded')
    .toSorted((a, b) => Date.parse(b.finishedAt ?? '') - Date.parse(a.finishedAt ?? ''));
  return finished[0]?.path ?? run.trigger.nodeId;
};

import type { Run, RunAttempt, RunStep } from '@everwave/schema/api';
import type { StepStatus } from '@everwave/schema/run';

/** What a card shows of a step in one run: its newest scheduling. */
export interface StepView {
  readonly path: string;
  readonly status: StepStatus;
  readonly ordinal: number;
  readonly attempts: number;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly dueAt: string | null;
  readonly failure: RunStep['failure'];
  /** The way out it took, where it has several and the run says so. */
  readonly port: string | null;
}

/** A condition's output is its answer, and its ways out are named after it; a switch's output is the way it went. */
const portOf = ({ kind, output }: RunStep): string | null => {
  if (kind === 'control.condition' && typeof output === 'boolean') return String(output);
  return kind === 'control.switch' && typeof output === 'string' ? output : null;
};

/** The newest scheduling of each step, by path. */
export const newestSteps = (steps: readonly RunStep[]): ReadonlyMap<string, RunStep> => {
  const newest = new Map<string, RunStep>();
  for (const step of steps) {
    const other = newest.get(step.path);
    if (!other || other.ordinal < step.ordinal) newest.set(step.path, step);
  }
  return newest;
};

/** Cards by node id. The trigger has no row of its own: it is done as soon as there is a run. */
export const toStepViews = (run: Run): ReadonlyMap<string, StepView> => {
  const views = new Map<string, StepView>();
  for (const step of newestSteps(run.steps).values()) {
    views.set(step.stepId, { ...step, port: portOf(step) });
  }
  if (!views.has(run.trigger.nodeId)) {
    views.set(run.trigger.nodeId, {
      path: run.trigger.nodeId,
      status: 'succeeded',
      ordinal: 1,
      attempts: 0,
      startedAt: run.createdAt,
      finishedAt: run.createdAt,
      dueAt: null,
      failure: null,
      port: null,
    });
  }
  return views;
};

export const attemptsOf = (run: Pick<Run, 'attempts'>, path: string): readonly RunAttempt[] =>
  run.attempts
    .filter((attempt) => attempt.path === path)
    .toSorted((a, b) => a.ordinal - b.ordinal || a.attempt - b.attempt);

import type { Run, RunAttempt, RunStep } from '@everwave/schema/api';
import { isSettled, type StepStatus } from '@everwave/schema/run';

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
  /** Of a step in a loop: in how many iterations it has ended, of those in which it has begun. */
  readonly iterations: { readonly done: number; readonly total: number } | null;
}

/** Of a step in several iterations, the one that a person should see first. */
const urgency: readonly StepStatus[] = [
  'needs_attention',
  'retrying',
  'running',
  'waiting',
  'pending',
  'failed',
  'cancelled',
  'simulated',
  'succeeded',
  'skipped',
];

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

/** `each[7].send` */
const isInLoop = (path: string): boolean => path.includes(']');

/** Cards by node id. The trigger has no row of its own: it is done as soon as there is a run. */
export const toStepViews = (run: Run): ReadonlyMap<string, StepView> => {
  const views = new Map<string, StepView>();
  for (const [stepId, steps] of Map.groupBy(newestSteps(run.steps).values(), (step) => step.stepId)) {
    const [shown] = steps.toSorted((a, b) => urgency.indexOf(a.status) - urgency.indexOf(b.status));
    if (!shown) continue;
    const done = steps.filter(({ status }) => isSettled(status)).length;
    // Where iterations are left out, what is here is no count of them.
    const iterations = isInLoop(shown.path) && run.hiddenSteps === 0 ? { done, total: steps.length } : null;
    views.set(stepId, { ...shown, port: portOf(shown), iterations });
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
      iterations: null,
    });
  }
  return views;
};

export const attemptsOf = (run: Pick<Run, 'attempts'>, path: string): readonly RunAttempt[] =>
  run.attempts
    .filter((attempt) => attempt.path === path)
    .toSorted((a, b) => a.ordinal - b.ordinal || a.attempt - b.attempt);

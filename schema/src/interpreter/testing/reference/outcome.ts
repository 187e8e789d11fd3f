import { toMilliseconds } from '../../../flow/duration.ts';
import type { Json, Plan } from '../../../flow/plan.ts';
import type { Failure } from '../../../run/status.ts';
import { toHttpAnswer } from '../../../run/http-answer.ts';
import { mark } from './mark.ts';
import { close, failInstance } from './stop.ts';
import { type Instance, pathIn, type Run, type Task } from './tree.ts';

/** Nothing may follow from it any more. */
export const isHalted = (task: Task): boolean => task.isStopped || (!task.undoing && task.within.isStopping);

export const makeReady = (run: Run, task: Task): void => {
  task.isReady = true;
  run.ready.push(task);
};

/** An edge is taken when its source left by its port, and dead otherwise; what only dead edges lead to is dead too. */
export const settle = (run: Run, from: Task, port: string | null): void => {
  const left: { readonly task: Task; readonly port: string | null }[] = [{ task: from, port }];
  for (const { task, port: taken } of left) {
    for (const edge of run.plan.edges.filter(({ from: source }) => source === task.step.id)) {
      const next = task.within.tasks.get(edge.to);
      if (!next) throw new Error(`No step ${edge.to}.`);
      next.hanging -= 1;
      if (edge.port === taken) next.taken += 1;
      if (next.status !== 'pending' || next.isReady) continue;
      const { step } = next;
      const isEnough = step.type === 'merge' && step.policy.join === 'count' && next.taken >= step.policy.count;
      if (!isEnough && next.hanging > 0) continue;
      if (next.taken > 0) makeReady(run, next);
      else {
        mark(run, next, 'skipped');
        left.push({ task: next, port: null });
      }
    }
  }
};

export const succeed = (run: Run, task: Task, output: Json, port: string | null = 'out'): void => {
  delete task.failure;
  mark(run, task, 'succeeded', { output });
  const { step, within } = task;
  if ('undo' in step && step.undo !== undefined) {
    const { undo } = step;
    run.done = run.done.filter((each) => each.instance !== within.path || each.undo !== undo);
    run.done.push({ instance: within.path, undo, generation: task.generation });
  }
  if (task.undoing && step.type === 'action' && step.undoes !== undefined && within.path !== 'root') {
    const undone = pathIn(within.path, step.undoes);
    run.memory.set(undone, { ...run.memory.get(undone), generation: task.undoing.generation + 1 });
    run.memory.set(task.path, { generation: task.generation + 1 });
  }
  if (!isHalted(task)) settle(run, task, port);
};

/** A person, an error edge, what catches it around, or the policy. */
export const fail = (run: Run, task: Task, failure: Failure): void => {
  const { step } = task;
  if (isHalted(task)) return mark(run, task, 'failed', { failure });
  if (failure.unsure || task.undoing) return park(run, task, failure);
  if (run.plan.edges.some(({ from, port }) => from === step.id && port === 'error')) {
    mark(run, task, 'failed', { failure });
    return settle(run, task, 'error');
  }
  const { taker, isCleanup } = whoTakes(task.within, failure);
  if (taker) {
    mark(run, task, 'failed', { failure });
    return failInstance(run, taker, failure);
  }
  const policy = step.type === 'action' ? step.onFailure : run.plan.settings.onFailure;
  if (policy === 'fail' && !isCleanup) {
    mark(run, task, 'failed', { failure });
    return close(run, { status: 'failed', failure });
  }
  // These must say where to go on, or what a variable holds, which null does not.
  const mustSay = ['condition', 'switch', 'setVariables', 'waitForEvent', 'approval', 'respond'].includes(step.type);
  if (policy === 'continue' && !mustSay) {
    mark(run, task, 'failed', { failure, output: null });
    return settle(run, task, 'out');
  }
  park(run, task, failure);
};

const park = (run: Run, task: Task, failure: Failure): void => {
  mark(run, task, 'needs_attention', { failure });
  task.alarms.set('park', run.at + toMilliseconds(run.plan.settings.parkLimit));
};

const whoTakes = (from: Instance, { name }: Failure): { taker: Instance | null; isCleanup: boolean } => {
  for (let instance: Instance | undefined = from; instance; instance = instance.owner?.within) {
    const step = instance.owner?.step;
    if (step?.type === 'finally') return { taker: null, isCleanup: true };
    if (step?.type === 'try' && catches(step, name)) return { taker: instance, isCleanup: false };
    if (step?.type === 'forEach' && step.onItemFailure !== 'park') return { taker: instance, isCleanup: false };
  }
  return { taker: null, isCleanup: false };
};

export const catches = ({ catches: names }: { readonly catches: readonly string[] | null }, name: string): boolean =>
  names === null || names.includes(name);

export const badExpression: Failure = { name: 'expression_failed', message: 'An expression cannot be evaluated.' };

/** The way out that a given output stands for; null when it does not fit. */
export const wayOutOf = ({ steps }: Plan, id: string, output: Json): string | null => {
  const step = steps[id];
  if (step?.type === 'condition') return typeof output === 'boolean' ? String(output) : null;
  if (step?.type === 'waitForEvent') return output === null ? 'timeout' : 'out';
  if (step?.type === 'switch') {
    return step.cases.find(({ port }) => port === output)?.port ?? (output === 'default' ? output : null);
  }
  const isRecord = typeof output === 'object' && output !== null && !Array.isArray(output);
  const members = isRecord ? (output as { readonly [name: string]: Json }) : null;
  if (step?.type === 'approval') {
    return ['approved', 'rejected', 'timeout'].find((port) => port === members?.['decision']) ?? null;
  }
  if (step?.type === 'setVariables') {
    return members && isEqualSet(Object.keys(members), Object.keys(step.variables)) ? 'out' : null;
  }
  if (step?.type === 'respond') return members && toHttpAnswer(members).ok ? 'out' : null;
  return 'out';
};

const isEqualSet = (left: readonly string[], right: readonly string[]): boolean =>
  left.toSorted().join() === right.toSorted().join();

import { evaluateCondition, type Evaluator } from '../../../flow/expression.ts';
import { toMilliseconds } from '../../../flow/duration.ts';
import type { ForEachStep, Json, Template, TryStep, WhileStep } from '../../../flow/plan.ts';
import type { Failure } from '../../../run/status.ts';
import { mark } from './mark.ts';
import { badExpression, catches, fail, isHalted, makeReady, settle, succeed } from './outcome.ts';
import { failInstance, instancesOf, stop } from './stop.ts';
import {
  createInstance,
  evaluatorIn,
  type Instance,
  isUndo,
  isWithin,
  type Loop,
  type Run,
  type Task,
} from './tree.ts';

/** Opens a frame once more: what nothing inside leads to can begin. */
const openFrame = (run: Run, owner: Task, subject: { readonly index: number; readonly item?: Json } | null): void => {
  const path = subject ? `${owner.path}[${subject.index}]` : owner.path;
  const instance = createInstance(run, { path, region: owner.step.id, owner, ...subject });
  run.open.set(path, instance);
  run.changed.add(instance);
  for (const task of instance.tasks.values()) {
    const begins = task.hanging === 0 && task.step.type !== 'finally' && !isUndo(task.step);
    if (begins) makeReady(run, task);
  }
};

const shut = (run: Run, { path }: Instance): void => void run.open.delete(path);

/** What an instance gives: its author's expression, or what its last steps gave. */
const resultOf = async (run: Run, instance: Instance, result: Template | null) => {
  if (result !== null) return evaluatorIn(run, instance).evaluate(result, 'result');
  const last = [...instance.tasks.values()].filter(
    ({ step }) => !run.plan.edges.some(({ from }) => from === step.id) && step.type !== 'finally' && !isUndo(step),
  );
  const outputs = last.map(({ step, output }): [string, Json] => [step.id, output ?? null]);
  const value: Json = outputs.length === 1 ? (outputs[0]?.[1] ?? null) : Object.fromEntries(outputs);
  return { ok: true as const, value };
};

const setLimit = (run: Run, task: Task): void => {
  const { step } = task;
  const limit = 'timeLimit' in step ? step.timeLimit : undefined;
  if (limit !== undefined) task.alarms.set('limit', run.at + toMilliseconds(limit));
};

/** The time of a loop or a try is up. A try that only undoes or tidies up has ended in all but name. */
export const endLimit = (run: Run, task: Task): void => {
  task.alarms.delete('limit');
  const failure: Failure = { name: 'timed_out', message: 'It had not ended in time.' };
  if (task.loop) {
    if (task.loop.stopped) return;
    task.loop.stopped = failure;
    for (const instance of instancesOf(run, task)) stop(run, instance);
    return;
  }
  for (const instance of instancesOf(run, task)) {
    const tidiesUp = [...instance.tasks.values()].some(
      ({ step, status }) => step.type === 'finally' && status !== 'pending',
    );
    if (!instance.isStopping && !tidiesUp) failInstance(run, instance, failure);
  }
};

export const beginForEach = async (run: Run, task: Task, step: ForEachStep): Promise<void> => {
  const given = await evaluatorIn(run, task.within).evaluateOperand(step.items, 'items');
  if (!given.ok || !Array.isArray(given.value ?? [])) return fail(run, task, badExpression);
  const items = (given.value ?? []) as readonly Json[];
  task.loop = { items, next: 0, results: new Map(), failed: [], stopped: null };
  delete task.failure;
  mark(run, task, 'running');
  setLimit(run, task);
  goOn(run, task, step);
};

const goOn = (run: Run, task: Task, step: ForEachStep): void => {
  const loop = loopOf(task);
  const { items } = loop;
  if (!items) throw new Error('A loop over nothing.');
  let active = instancesOf(run, task).length;
  while (!isHalted(task) && !loop.stopped && loop.next < items.length && active < step.concurrency) {
    openFrame(run, task, { index: loop.next, item: items[loop.next] ?? null });
    loop.next += 1;
    active += 1;
  }
  if (active > 0) return;
  if (isHalted(task)) return mark(run, task, 'cancelled');
  if (loop.stopped) return fail(run, task, loop.stopped);
  succeed(run, task, {
    results: items.map((_, index) => loop.results.get(index) ?? null),
    count: items.length,
    failed: loop.failed
      .toSorted((left, right) => left.index - right.index)
      .map(({ index, failure: { name, message } }) => ({ index, failure: { name, message } })),
  });
};

const endItem = async (run: Run, instance: Instance, owner: Task, step: ForEachStep): Promise<void> => {
  const { index = 0 } = instance;
  const loop = loopOf(owner);
  const result = instance.isStopping ? null : await resultOf(run, instance, step.result);
  if (result?.ok === false) {
    // What the item did is undone first.
    if (run.done.some((done) => isWithin(done.instance, instance.path))) {
      run.changed.add(instance);
      return failInstance(run, instance, badExpression);
    }
    instance.failure = badExpression;
  }
  shut(run, instance);
  if (result?.ok) loop.results.set(index, result.value);
  if (instance.failure) {
    loop.failed.push({ index, failure: instance.failure });
    if (step.onItemFailure !== 'collect') loop.stopped ??= instance.failure;
  }
  if (loop.stopped) for (const other of instancesOf(run, owner)) stop(run, other);
  goOn(run, owner, step);
};

export const beginWhile = async (run: Run, task: Task, step: WhileStep): Promise<void> => {
  task.loop = { items: null, next: 0, results: new Map(), failed: [], stopped: null };
  delete task.failure;
  mark(run, task, 'running');
  setLimit(run, task);
  if (step.check === 'after') return beginIteration(run, task);
  await decide(run, task, step, evaluatorIn(run, task.within, { loop: { index: 0 } }));
};

const beginIteration = (run: Run, task: Task): void => {
  const loop = loopOf(task);
  openFrame(run, task, { index: loop.next });
  loop.next += 1;
};

const decide = async (run: Run, task: Task, step: WhileStep, evaluator: Evaluator): Promise<void> => {
  const goesOn = await evaluateCondition(step.condition, evaluator, 'condition');
  const { next, results } = loopOf(task);
  if (!goesOn.ok) return fail(run, task, badExpression);
  if (!goesOn.value) return succeed(run, task, { iterations: next, result: results.get(0) ?? null });
  if (next < step.maximumIterations) return beginIteration(run, task);
  fail(run, task, { name: 'too_many_iterations', message: 'The condition still held.' });
};

const endIteration = async (run: Run, instance: Instance, owner: Task, step: WhileStep): Promise<void> => {
  const loop = loopOf(owner);
  const result = instance.isStopping ? null : await resultOf(run, instance, step.result);
  const evaluator = evaluatorIn(run, instance, { loop: { index: loop.next } });
  shut(run, instance);
  if (isHalted(owner) || (instance.isStopping && !loop.stopped)) return mark(run, owner, 'cancelled');
  if (loop.stopped) return fail(run, owner, loop.stopped);
  if (!result?.ok) return fail(run, owner, badExpression);
  loop.results.set(0, result.value);
  await decide(run, owner, step, evaluator);
};

export const beginTry = (run: Run, task: Task): void => {
  delete task.failure;
  mark(run, task, 'running');
  setLimit(run, task);
  openFrame(run, task, null);
};

const endTry = async (run: Run, instance: Instance, owner: Task, step: TryStep): Promise<void> => {
  const cleanup = [...instance.tasks.values()].find((task) => task.step.type === 'finally');
  if (cleanup?.status === 'pending') {
    mark(run, cleanup, 'running');
    return openFrame(run, cleanup, null);
  }
  const { failure } = instance;
  const result = instance.isStopping ? null : await resultOf(run, instance, step.result);
  shut(run, instance);
  if (isHalted(owner) || (instance.isStopping && !failure)) return mark(run, owner, 'cancelled');
  if (failure && catches(step, failure.name)) {
    mark(run, owner, 'failed', { failure });
    return settle(run, owner, 'caught');
  }
  if (failure) return fail(run, owner, failure);
  if (result?.ok) succeed(run, owner, result.value);
  else fail(run, owner, badExpression);
};

/** All in an instance has ended, and what had to be undone has been: its frame goes on. */
export const endInstance = async (run: Run, instance: Instance, owner: Task): Promise<void> => {
  const { step } = owner;
  if (step.type === 'forEach') return endItem(run, instance, owner, step);
  if (step.type === 'while') return endIteration(run, instance, owner, step);
  if (step.type === 'try') return endTry(run, instance, owner, step);
  if (step.type !== 'finally') throw new Error(`${owner.path} is no frame.`);
  shut(run, instance);
  mark(run, owner, instance.isStopping ? 'cancelled' : 'succeeded');
};

const loopOf = ({ loop, path }: Task): Loop => {
  if (!loop) throw new Error(`${path} is no loop under way.`);
  return loop;
};

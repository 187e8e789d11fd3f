import type { Failure } from '../../../run/status.ts';
import { mark } from './mark.ts';
import { type Closing, type Instance, isUndo, type Run, type Task } from './tree.ts';

/** Nothing begins in it any more, and what is under way is told to stop; what tidies up or undoes goes on. */
export const stop = (run: Run, instance: Instance, evenTidying = false): void => {
  if (instance.isStopping && !evenTidying) return;
  const isFirst = !instance.isStopping;
  instance.isStopping = true;
  run.ready = run.ready.filter(({ within, step }) => within !== instance || (!evenTidying && isUndo(step)));
  for (const task of instance.tasks.values()) {
    if (isUndo(task.step)) {
      if (evenTidying) giveUpUndo(run, task);
    } else stopTask(run, task, evenTidying, isFirst);
  }
};

const stopTask = (run: Run, task: Task, evenTidying: boolean, tell: boolean): void => {
  const { step, status } = task;
  if (step.type === 'finally' && !evenTidying) return;
  if (status === 'pending') return mark(run, task, 'skipped');
  if (status === 'needs_attention') return mark(run, task, endOfParked(run));
  if (status === 'waiting' && step.type !== 'subflow') return mark(run, task, 'cancelled');
  if (status === 'waiting' && step.type === 'subflow' && step.mode === 'wait' && tell) {
    run.told.push({ type: 'stopChild', path: task.path });
  }
  if (status !== 'running') return;
  if (step.type === 'action') {
    if (tell) run.told.push({ type: 'stop', path: task.path });
  } else for (const inner of instancesOf(run, task)) stop(run, inner, evenTidying);
};

const giveUpUndo = (run: Run, task: Task): void => {
  if (task.status === 'pending') return mark(run, task, 'skipped');
  if (task.status === 'waiting') return mark(run, task, 'cancelled');
  if (task.status === 'needs_attention') return mark(run, task, endOfParked(run));
  if (task.status !== 'running' || task.isStopped) return;
  task.isStopped = true;
  run.told.push({ type: 'stop', path: task.path });
};

const endOfParked = ({ closing }: Run) => (closing && closing.status !== 'cancelled' ? 'failed' : 'cancelled');

export const instancesOf = (run: Run, owner: Task): readonly Instance[] =>
  [...run.open.values()].filter((instance) => instance.owner === owner);

/** Branches that a merge does not wait for. */
export const stopBranches = (run: Run, tasks: readonly Task[]): void => {
  run.ready = run.ready.filter((task) => !tasks.includes(task));
  for (const task of tasks) {
    if (task.status === 'running' || (task.step.type === 'subflow' && task.status === 'waiting')) task.isStopped = true;
    if (!isUndo(task.step)) stopTask(run, task, false, true);
  }
};

export const failInstance = (run: Run, instance: Instance, failure: Failure): void => {
  instance.failure ??= failure;
  stop(run, instance);
};

export const close = (run: Run, closing: Closing): void => {
  if (run.closing) return;
  run.closing = closing;
  stop(run, run.root);
};

/** Nothing is tidied up or undone any more. */
export const closeAtOnce = (run: Run, closing: Closing): void => {
  run.closing ??= closing;
  run.done = [];
  for (const instance of run.open.values()) stop(run, instance, true);
};

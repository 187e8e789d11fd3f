import { mark } from './mark.ts';
import { badExpression, makeReady } from './outcome.ts';
import {
  createTask,
  type Done,
  evaluatorIn,
  type Instance,
  isOver,
  isUndo,
  isWithin,
  type Run,
  taskAt,
} from './tree.ts';
import { pathIn } from './tree.ts';

/** An instance ends: what its undo steps would begin with is known now, and never again. */
export const keepUndos = async (run: Run, instance: Instance): Promise<void> => {
  const done: Done[] = [];
  for (const each of run.done) {
    const task = instance.tasks.get(each.undo);
    if (each.instance !== instance.path || each.kept || task?.step.type !== 'action') {
      done.push(each);
      continue;
    }
    const input = await evaluatorIn(run, instance).evaluate(task.step.input, '');
    const { generation } = task;
    const kept = input.ok ? { generation, input: input.value } : { generation, failure: badExpression };
    done.push({ ...each, kept });
  }
  run.done = done;
  skipUndos(run, instance);
};

export const skipUndos = (run: Run, instance: Instance): void => {
  for (const task of instance.tasks.values()) {
    if (isUndo(task.step) && task.status === 'pending') mark(run, task, 'skipped');
  }
};

/** Undoes what was done in an instance and in those inside it, one after the other, the last one first. */
export const undoNext = (run: Run, { path }: Instance): 'begun' | 'underWay' | 'over' => {
  const isUnderWay = [...run.open.values()].some(
    (each) => isWithin(each.path, path) && [...each.tasks.values()].some((task) => task.undoing && !isOver(task)),
  );
  if (isUnderWay) return 'underWay';
  const last = run.done.findLast(({ instance }) => isWithin(instance, path));
  if (!last) return 'over';
  run.done = run.done.filter((each) => each !== last);
  if (!run.open.has(last.instance)) reopen(run, last);
  const task = taskAt(run, pathIn(last.instance, last.undo));
  if (!task) throw new Error(`No undo step ${last.undo}.`);
  const { input, failure } = last.kept ?? {};
  if (input !== undefined) task.input = input;
  task.status = 'pending';
  task.undoing = { generation: last.generation, ...(failure && { failure }) };
  makeReady(run, task);
  return 'begun';
};

const reopen = (run: Run, { instance: path, undo, kept }: Done): void => {
  const region = run.plan.steps[undo]?.region ?? '';
  const instance: Instance = {
    path,
    region,
    owner: null,
    tasks: new Map(),
    isAgain: false,
    isForUndo: true,
    isStopping: false,
    failure: null,
  };
  const task = createTask(run, instance, undo);
  instance.tasks.set(undo, Object.assign(task, { generation: kept?.generation ?? 1 }));
  run.open.set(path, instance);
};

/** An instance that was opened for one undo step is closed; the nearest one around it that is open has its turn. */
export const shutReopened = (run: Run, instance: Instance): void => {
  run.open.delete(instance.path);
  const around = [...run.open.values()]
    .filter(({ path }) => path === 'root' || instance.path.startsWith(`${path}.`))
    .toSorted((left, right) => depthOf(right) - depthOf(left))[0];
  if (around) run.changed.add(around);
};

const depthOf = ({ path }: Instance): number => (path === 'root' ? 0 : path.split('.').length);

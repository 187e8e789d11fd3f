import { toMilliseconds } from '../../../flow/duration.ts';
import { evaluateCondition } from '../../../flow/expression.ts';
import type { Json, Plan } from '../../../flow/plan.ts';
import type { Approver, Decision, GivenAnswer, OutsideEvent } from '../../../run/waits.ts';
import { begin } from './begin.ts';
import { endInstance, endLimit } from './frames.ts';
import { mark } from './mark.ts';
import { badExpression, fail, isHalted, makeReady, settle, succeed, wayOutOf } from './outcome.ts';
import { close, closeAtOnce, stop } from './stop.ts';
import type { Alarm, End, Happening, PersonalAct, Subject } from './subject.ts';
import {
  allTasks,
  type Closing,
  createInstance,
  evaluatorIn,
  type Instance,
  isOver,
  isUndo,
  type Run,
  type Task,
  taskAt,
} from './tree.ts';
import { keepUndos, shutReopened, skipUndos, undoNext } from './undo.ts';

/**
 * A second interpreter of plans, as plain as it can be, written from the description of the semantics and not from the
 * kernel: nothing is copied or kept as JSON, steps know their instance and instances their frame. What both say of the
 * same run must be the same.
 */
export const createReference = (plan: Plan, id: string): Subject => {
  const memory: Run['memory'] = new Map();
  const root = createInstance({ plan, memory }, { path: 'root', region: 'root', owner: null });
  const run: Run = {
    plan,
    id,
    root,
    open: new Map([['root', root]]),
    at: 0,
    startedAt: 0,
    trigger: null,
    status: 'queued',
    vars: {},
    ready: [],
    changed: new Set(),
    done: [],
    memory,
    events: new Set(),
    answeredBy: null,
    closing: null,
    runLimit: null,
    requests: [],
    told: [],
  };
  return {
    take: async (happening, at) => {
      run.at = at;
      run.requests = [];
      run.told = [];
      if (isEnded(run)) return [];
      await apply(run, happening);
      do await beginReady(run);
      while ((await endNextInstance(run)) || undoRun(run));
      conclude(run);
      return run.requests;
    },
    alarms: () => (isEnded(run) ? [] : alarmsOf(run)),
  };
};

const isEnded = ({ status }: Run): boolean => ['succeeded', 'failed', 'cancelled'].includes(status);

/** What can begin begins, in the order of the plan; of one step's iterations, the one that was first. */
const beginReady = async (run: Run): Promise<void> => {
  while (run.ready.length > 0) {
    const least = Math.min(...run.ready.map(({ step }) => step.order));
    const task = run.ready.find(({ step }) => step.order === least);
    if (!task) return;
    run.ready = run.ready.filter((each) => each !== task);
    task.isReady = false;
    await begin(run, task);
  }
};

/** All has ended but a `finally` that has not begun, and undo steps that nobody has asked for. */
const hasEnded = (instance: Instance): boolean =>
  [...instance.tasks.values()].every(
    (task) =>
      isOver(task) ||
      (task.status === 'pending' && !task.undoing && (task.step.type === 'finally' || isUndo(task.step))),
  );

const endNextInstance = async (run: Run): Promise<boolean> => {
  for (const instance of run.changed) {
    run.changed.delete(instance);
    if (run.open.get(instance.path) !== instance || !hasEnded(instance)) continue;
    if (instance.isForUndo) {
      shutReopened(run, instance);
      return true;
    }
    if (!instance.owner) continue;
    const undoing = instance.failure ? undoNext(run, instance) : 'over';
    if (undoing === 'underWay') continue;
    if (undoing === 'over') {
      await keepUndos(run, instance);
      await endInstance(run, instance, instance.owner);
    }
    return true;
  }
  return false;
};

const undoRun = (run: Run): boolean => {
  const status = run.closing?.status;
  const undoes = status === 'failed' || (status === 'cancelled' && run.plan.settings.compensateOnCancel !== false);
  return undoes && hasEnded(run.root) && undoNext(run, run.root) === 'begun';
};

const conclude = (run: Run): void => {
  const tasks = allTasks(run);
  const isActive = tasks.some(({ status, step }) => status === 'running' && step.type === 'action');
  const isParked = tasks.some(({ status }) => status === 'needs_attention');
  const isWaiting = tasks.some(({ status }) => status === 'waiting');
  if (isActive || isParked || isWaiting) {
    run.requests.push(...run.told);
    const status = isParked ? 'needs_attention' : isActive ? 'running' : 'waiting';
    if (status !== run.status) run.requests.push({ type: 'noteRun', status });
    run.status = status;
    return;
  }
  skipUndos(run, run.root);
  if (!tasks.every(isOver)) throw new Error('Nothing is under way, and something never ended.');
  const given = [...run.root.tasks.values()].find(
    ({ step, status }) => step.type === 'return' && status === 'succeeded',
  );
  const closing: Closing = run.closing ?? {
    status: 'succeeded',
    ...(given?.output !== undefined && { output: given.output }),
  };
  run.status = closing.status;
  run.requests.push({ type: 'noteRun', status: closing.status }, { type: 'end', ...closing });
};

const alarmsOf = (run: Run): readonly Alarm[] => [
  ...(run.runLimit !== null && !run.closing ? [{ name: 'run', dueAt: run.runLimit }] : []),
  ...allTasks(run).flatMap(({ alarms, path }) =>
    [...alarms].map(([purpose, dueAt]): Alarm => ({ name: `${purpose}:${path}`, dueAt })),
  ),
];

const apply = async (run: Run, happening: Happening): Promise<void> => {
  switch (happening.type) {
    case 'started':
      return start(run, happening.trigger);
    case 'cancel':
      return close(run, { status: 'cancelled' });
    case 'person':
      return applyPerson(run, happening.does);
    case 'timer':
      return ring(run, happening.name);
    case 'succeeded':
    case 'failed':
    case 'deferred':
    case 'stopped':
    case 'childBegan':
    case 'childEnded':
    case 'event':
    case 'answer': {
      const task = taskAt(run, happening.path);
      if (task) await applyTo(run, task, happening);
    }
  }
};

const start = (run: Run, trigger: Json): void => {
  run.startedAt = run.at;
  run.trigger = trigger;
  run.runLimit = run.at + toMilliseconds(run.plan.settings.runTimeout);
  for (const task of run.root.tasks.values()) {
    if (task.step.type === 'trigger') {
      mark(run, task, 'succeeded', { output: trigger });
      settle(run, task, 'out');
    } else if (!isUndo(task.step) && !run.plan.edges.some(({ to }) => to === task.step.id)) {
      mark(run, task, 'skipped');
      settle(run, task, null);
    }
  }
};

const applyTo = async (
  run: Run,
  task: Task,
  happening: Extract<Happening, { readonly path: string }>,
): Promise<void> => {
  const isActing = task.status === 'running' && task.step.type === 'action';
  const isChild = task.status === 'waiting' && task.step.type === 'subflow';
  switch (happening.type) {
    case 'succeeded':
      return isActing ? succeed(run, task, happening.output) : undefined;
    case 'failed':
      return isActing ? fail(run, task, happening.failure) : undefined;
    case 'deferred':
      return isActing ? defer(run, task, happening) : undefined;
    case 'stopped':
      if (!isActing) return;
      return isHalted(task) ? mark(run, task, 'cancelled') : fail(run, task, stoppedFromOutside);
    case 'childBegan':
      if (isChild && task.step.type === 'subflow' && task.step.mode === 'detach') {
        succeed(run, task, { runId: 'run_0' });
      }
      return;
    case 'childEnded':
      return isChild ? endChild(run, task, happening.end) : undefined;
    case 'event':
      return takeEvent(run, task, happening.event);
    case 'answer':
      return takeAnswer(run, task, happening.decision, happening.by);
  }
};

const stoppedFromOutside = { name: 'step_cancelled', message: 'It was stopped from outside.', unsure: true };

/** Asked to come back later: no attempt is spent. A service that always says "at once" is asked ever more seldom. */
const defer = (
  run: Run,
  task: Task,
  { until, attempt }: { readonly until: number; readonly attempt: number },
): void => {
  if (isHalted(task)) return mark(run, task, 'cancelled');
  const pause = Math.min(500 * 2 ** task.deferrals, 300_000);
  task.deferrals += 1;
  task.attempts = { made: attempt, free: task.attempts.free + 1 };
  mark(run, task, 'waiting');
  task.alarms.set('defer', Math.max(until, run.at + pause));
};

const endChild = (run: Run, task: Task, end: End): void => {
  if (end.status === 'succeeded') return succeed(run, task, end.output);
  if (end.status === 'failed') return fail(run, task, end.failure);
  if (isHalted(task)) return mark(run, task, 'cancelled');
  fail(run, task, { name: 'child_cancelled', message: 'The other run was cancelled.' });
};

const takeEvent = async (run: Run, task: Task, event: OutsideEvent): Promise<void> => {
  const { waitsFor, step } = task;
  if (waitsFor?.type !== 'event' || step.type !== 'waitForEvent') return;
  const fits = waitsFor.event === event.name && waitsFor.correlationKey === event.correlationKey;
  if (!fits || run.events.has(`${event.name}:${event.id}`)) return;
  if (step.match !== null) {
    const matches = await evaluateCondition(
      step.match,
      evaluatorIn(run, task.within, { event: { ...event } }),
      'match',
    );
    if (!matches.ok) return fail(run, task, badExpression);
    if (!matches.value) return;
  }
  run.events.add(`${event.name}:${event.id}`);
  succeed(run, task, { ...event });
};

const takeAnswer = (run: Run, task: Task, decision: Decision, by: Approver): void => {
  const { waitsFor } = task;
  if (waitsFor?.type !== 'approval') return;
  if (!waitsFor.roles.includes(by.role) || waitsFor.answers.some((given) => given.by.userId === by.userId)) return;
  const given: GivenAnswer = { decision, by, at: new Date(run.at).toISOString(), comment: null, values: {} };
  const answers = [...waitsFor.answers, given];
  const alike = answers.filter((each) => each.decision === decision).length;
  if (alike >= (decision === 'approved' ? waitsFor.approvals : waitsFor.rejections)) {
    return succeed(run, task, { ...given, answers } as unknown as Json, decision);
  }
  task.waitsFor = { ...waitsFor, answers };
  mark(run, task, 'waiting');
};

const applyPerson = (run: Run, does: PersonalAct): void => {
  const tasks = allTasks(run);
  const isParked = tasks.some(({ status }) => status === 'needs_attention');
  if (run.closing && !isParked && !tasks.some(({ waitsFor }) => waitsFor)) return;
  if (does.act === 'cancelRun') return endByPerson(run, { status: 'cancelled' });
  if (does.act === 'failRun') {
    const failure = tasks.find(({ status }) => status === 'needs_attention')?.failure;
    return failure ? endByPerson(run, { status: 'failed', failure }) : undefined;
  }
  const task = taskAt(run, does.path);
  if (!task || (task.status !== 'needs_attention' && (does.act === 'retry' || !task.waitsFor))) return;
  switch (does.act) {
    case 'retry':
      return retry(run, task, does.input);
    case 'skip':
      mark(run, task, 'skipped');
      return settle(run, task, null);
    case 'complete': {
      const port = wayOutOf(run.plan, task.step.id, does.output);
      if (port === null) return;
      if (task.step.type === 'respond') run.answeredBy ??= task.path;
      if (task.step.type === 'setVariables') Object.assign(run, { vars: { ...run.vars, ...(does.output as object) } });
      return succeed(run, task, does.output, port);
    }
  }
};

const retry = (run: Run, task: Task, input: Json | undefined): void => {
  if (input !== undefined && task.step.type !== 'action' && task.step.type !== 'subflow') return;
  mark(run, task, 'failed', task.failure ? { failure: task.failure } : {});
  Object.assign(task, { status: 'pending', repeats: task.repeats + 1, deferrals: 0, attempts: { made: 0, free: 0 } });
  if (input !== undefined) {
    task.input = input;
    task.generation += 1;
    run.memory.set(task.path, { generation: task.generation, input });
  }
  makeReady(run, task);
};

/** A run that ends already ends at once: what has parked tidies up or undoes, and that is given up. */
const endByPerson = (run: Run, closing: Closing): void => {
  if (run.closing) return closeAtOnce(run, closing);
  close(run, closing);
  for (const task of allTasks(run)) if (task.undoing && task.status === 'needs_attention') mark(run, task, 'failed');
};

const ring = (run: Run, name: string): void => {
  if (name === 'run') {
    run.runLimit = null;
    return close(run, { status: 'failed', failure: { name: 'run_timed_out', message: 'Its time was up.' } });
  }
  const [purpose = '', path = ''] = name.split(':');
  const task = taskAt(run, path);
  if (!task) return;
  switch (purpose) {
    case 'delay':
      return succeed(run, task, { until: new Date(task.alarms.get('delay') ?? run.at).toISOString() });
    case 'timeout': {
      const { waitsFor } = task;
      if (waitsFor?.type !== 'approval') return succeed(run, task, null, 'timeout');
      const nobody = { decision: 'timeout', by: null, at: null, comment: null, values: {} };
      return succeed(run, task, { ...nobody, answers: waitsFor.answers } as unknown as Json, 'timeout');
    }
    case 'defer':
      task.alarms.delete('defer');
      task.status = 'pending';
      return makeReady(run, task);
    case 'limit':
      return endLimit(run, task);
    case 'park':
      return giveUp(run, task);
  }
};

/** Nobody came. What only tidies up is given up; the other undo steps have their turn all the same. */
const giveUp = (run: Run, task: Task): void => {
  task.alarms.delete('park');
  const closing: Closing = { status: 'failed', failure: { name: 'park_limit_reached', message: 'Nobody came.' } };
  if (run.closing && !task.undoing) closeAtOnce(run, closing);
  else close(run, closing);
  if (task.undoing) return mark(run, task, 'failed');
  for (let instance: Instance | undefined = task.within; instance; instance = instance.owner?.within) {
    if (instance.owner?.step.type === 'finally') return stop(run, instance, true);
  }
};

import type { ForEachStep, FrameStep, Json, Plan, PlanStep } from '../../flow/plan.ts';
import { type Failure, isSettled } from '../../run/status.ts';
import type { StepTransition } from '../command.ts';
import { createScope } from '../create-state.ts';
import { settleEdges } from '../edges.ts';
import { type Exit, exitOf } from '../exit-of.ts';
import { mostItems, runsInBatches } from '../frames/batches.ts';
import { frameScope, iterationScope, ownerOf, pathOf, type Place, placeOf, rootScope } from '../place.ts';
import { isUndo } from '../is-undo.ts';
import { scopeAt } from '../scopes.ts';
import type { ScopeState, StepState } from '../state.ts';
import { timerIdOf } from '../timer-id.ts';
import { changeStep, planStepAt, setStep, startTimer, stepAt, type Turn } from '../turn.ts';
import type { ForkOrder } from './fork-order.ts';
import type { ForkProblem } from './fork-problem.ts';
import type { Reach } from './reach.ts';

/** What a scope is rebuilt from. */
export interface Restoring {
  readonly rows: ReadonlyMap<string, StepTransition>;
  readonly reach: Reach;
  readonly order: ForkOrder;
  /** Whether the step at this path runs again as a new effect. */
  readonly isAgain: (path: string) => boolean;
  /** Whether a path leads into what is rebuilt here: the whole run, or the items of a batch. */
  readonly covers: (path: string) => boolean;
  /** With which what runs again begins. */
  readonly generation: number;
  readonly triggerStepId: string;
  readonly parkLimit: number;
  /** Paths of steps whose end stands. */
  readonly kept: Set<string>;
  /**
   * Paths of what runs anew although the fork is elsewhere: a `finally` whose try had been stopped, and a sub-flow that
   * had not ended, which is another run.
   */
  readonly anew: Set<string>;
  /** Paths of each `finally` that is known to stand, because all in its try stands and ends by itself. */
  readonly tidied: ReadonlySet<string>;
  /** Paths of steps that stand although what they did has been undone. */
  readonly undone: Set<string>;
  readonly problems: ForkProblem[];
  readonly isOfFork: boolean;
  /** Loops that are open again and run in batches: their items are rebuilt batch by batch, once all this stands. */
  readonly inBatches: LoopInBatches[];
}

export interface LoopInBatches {
  readonly place: Place;
  readonly items: readonly Json[];
  /** The frame around it has been stopped. */
  readonly isGivenUp: boolean;
}

/**
 * Rebuilds one instance of a region, and what is open inside it: what has ended keeps its end, what waits goes on waiting
 * until the same moment, what was under way or stopped begins again as the same effect, and what the fork runs again is
 * as if it had never been. Edges are counted anew from the ends that are kept.
 */
export const restoreScope = (turn: Turn, restoring: Restoring, scopePath: string, isGivenUp = false): void => {
  const { plan } = turn;
  const failure = takenFailure(turn, restoring, scopePath);
  const isOver = isGivenUp || failure !== undefined;
  if (failure) scopeAt(turn, scopePath).failure = failure;
  if (isOver) scopeAt(turn, scopePath).stopping = true;
  const places = (plan.regions[scopeAt(turn, scopePath).region]?.steps ?? []).map((stepId) => ({
    scope: scopePath,
    stepId,
  }));
  const exits: { readonly place: Place; readonly exit: Exit }[] = [];
  const leftOut = branchesLeftOut(turn, restoring, places);
  const cleanups = places.filter((place) => planStepAt(turn, place).type === 'finally');
  const others = places.filter((place) => !cleanups.includes(place));
  for (const place of others) {
    const exit = restoreStep(turn, restoring, place, { isOver, isLeftOut: leftOut.has(place.stepId) });
    if (exit) exits.push({ place, exit });
  }
  for (const { place, exit } of exits) settleEdges(turn, place, exit.port);
  if (!isOver) for (const place of others) begin(turn, restoring, place);
  // Whether a `finally` is to run again depends on what else stands in its try.
  for (const place of cleanups) restoreStep(turn, restoring, place, { isOver, isLeftOut: false });
};

/** A merge that stands did not wait for these: they stay as it left them. */
const branchesLeftOut = (turn: Turn, { rows, reach }: Restoring, places: readonly Place[]): ReadonlySet<string> =>
  new Set(
    places.flatMap((place) => {
      const step = planStepAt(turn, place);
      if (step.type !== 'merge' || step.policy.join !== 'count' || step.policy.others !== 'cancel') return [];
      return !reach.isAgain(place) && rows.get(pathOf(place))?.status === 'succeeded' ? step.policy.before : [];
    }),
  );

interface StepContext {
  /** Its scope has been stopped, and only ends: nothing in it begins but a `finally`. */
  readonly isOver: boolean;
  /** A merge that stands went on without it. */
  readonly isLeftOut: boolean;
}

const restoreStep = (
  turn: Turn,
  restoring: Restoring,
  place: Place,
  { isOver, isLeftOut }: StepContext,
): Exit | null => {
  const { rows, reach, generation, kept } = restoring;
  const path = pathOf(place);
  const step = planStepAt(turn, place);
  if (step.type === 'action' && step.undoes !== undefined) {
    restoreUndo(turn, restoring, place, { scope: place.scope, stepId: step.undoes });
    return null;
  }
  if (place.scope === rootScope && step.type === 'trigger') return restoreTrigger(turn, restoring, place);
  const fresh = stepAt(turn, place);
  if (reach.isAgain(place)) {
    setStep(turn, place, { ...fresh, generation });
    return null;
  }
  const row = rows.get(path);
  if (reach.chain.get(place.scope)?.stepId === place.stepId) {
    reopen(turn, restoring, place, row);
    return null;
  }
  if (!row) {
    if (isLeftOut || (isOver && step.type !== 'finally')) setStep(turn, place, { ...fresh, status: 'skipped' });
    return null;
  }
  const known = toState(fresh, row);
  const exit = exitOf(turn.plan, step, row);
  if (step.type === 'finally' && !isOver && !restoring.tidied.has(path) && mustCleanUpAgain(turn, place)) {
    restoring.anew.add(path);
    setStep(turn, place, { ...fresh, generation });
    return null;
  }
  if (exit) {
    kept.add(path);
    setStep(turn, place, { ...known, ...(isFrame(step) && usedOrdinalOf(rows, place)) });
    return exit;
  }
  const isUnderWay = isFrame(step) && row.status === 'running';
  if ((isOver && !isUnderWay) || isLeftOut) {
    setStep(turn, place, { ...known, status: isSettled(row.status) ? row.status : 'cancelled' });
    return null;
  }
  if (row.status === 'needs_attention') {
    setStep(turn, place, {
      ...known,
      ...(['action', 'subflow'].includes(step.type) && givenTo(row)),
      ...(isFrame(step) && usedOrdinalOf(rows, place)),
    });
    const title = `Time to repair: ${step.title}`;
    startTimer(turn, timerIdOf('park', place, row.ordinal), turn.at + restoring.parkLimit, title);
    return null;
  }
  // What waits for an event or an answer begins again: it asks anew.
  if (row.status === 'waiting' && row.dueAt !== undefined && (step.type === 'delay' || step.type === 'waitUntil')) {
    setStep(turn, place, { ...known, dueAt: row.dueAt });
    startTimer(turn, timerIdOf('delay', place, row.ordinal), row.dueAt, step.title);
    return null;
  }
  if (
    isFrame(step) &&
    row.status !== 'skipped' &&
    row.status !== 'pending' &&
    !hasGaps(turn.plan, restoring, place, row)
  ) {
    reopen(turn, restoring, place, row, isOver && step.type !== 'finally');
    return null;
  }
  if (step.type === 'subflow' && row.status !== 'skipped' && row.status !== 'pending') {
    restoring.anew.add(path);
    setStep(turn, place, { ...fresh, generation });
    return null;
  }
  // Under way, or stopped: begins again under the key it had. An input that a person has edited is its own.
  const isEdited = (row.generation ?? 1) > fresh.generation && (row.input !== undefined || row.recipe !== undefined);
  const { ordinal } = row.status === 'skipped' ? fresh : row;
  setStep(turn, place, {
    ...fresh,
    ordinal,
    ...(isEdited && { generation: row.generation ?? 1, ...givenTo(row) }),
  });
  return null;
};

/** It would undo what its step has done by then: never under a key of what was undone in an earlier run. */
const restoreUndo = (turn: Turn, { rows, reach, generation }: Restoring, place: Place, undone: Place): void => {
  const fresh = stepAt(turn, place);
  const own = reach.isAgain(undone) ? generation : (rows.get(pathOf(undone))?.generation ?? fresh.generation);
  setStep(turn, place, { ...fresh, generation: own });
};

const restoreTrigger = (turn: Turn, { triggerStepId, kept }: Restoring, place: Place): Exit | null => {
  if (place.stepId !== triggerStepId) return null;
  setStep(turn, place, { ...stepAt(turn, place), status: 'succeeded' });
  kept.add(pathOf(place));
  return { port: 'out' };
};

/** Input is of no use to a step that has ended; history and projection keep it. */
const toState = (fresh: StepState, row: StepTransition): StepState => ({
  ...fresh,
  status: row.status,
  ordinal: row.ordinal,
  generation: row.generation ?? 1,
  ...(row.output !== undefined && { output: row.output }),
  ...(row.outputReference && { large: { reference: row.outputReference } }),
  ...(row.failure && { failure: row.failure }),
  ...(row.attempts !== undefined && { attempts: row.attempts }),
});

/** A person may begin a frame again: behind every ordinal that was used in it. */
const usedOrdinalOf = (rows: Restoring['rows'], place: Place): Pick<StepState, 'usedOrdinal'> => {
  const used = inside(rows, place).map(({ ordinal }) => ordinal);
  return used.length === 0 ? {} : { usedOrdinal: Math.max(...used) };
};

const inside = (rows: Restoring['rows'], place: Place): readonly StepTransition[] => {
  const path = pathOf(place);
  return [...rows.values()].filter(({ path: each }) => each.startsWith(`${path}.`) || each.startsWith(`${path}[`));
};

/** What its activity is given: an input, or what that is to be evaluated from. */
export const givenTo = ({
  input,
  recipe,
}: Pick<StepTransition, 'input' | 'recipe'>): Pick<StepState, 'input' | 'recipe'> => {
  if (input !== undefined) return { input };
  return recipe ? { recipe } : {};
};

const isFrame = ({ type }: PlanStep): boolean => ['forEach', 'while', 'try', 'finally'].includes(type);

/**
 * A failure that this instance's frame has taken stays taken: an item is given up, a try goes on to its end. Not where
 * the fork is in the same instance: there the step gets another chance, but for what led to the `finally` it is in.
 */
const takenFailure = ({ plan }: Turn, { rows, reach }: Restoring, scopePath: string): Failure | undefined => {
  const owner = ownerOf(scopePath);
  const frame = owner && plan.steps[owner.stepId];
  if (frame?.type !== 'try' && (frame?.type !== 'forEach' || frame.onItemFailure !== 'collect')) return undefined;
  const anchor = reach.chain.get(scopePath);
  if (anchor && plan.steps[anchor.stepId]?.type !== 'finally') return undefined;
  const taken = [...rows.values()]
    .filter(({ path, stepId, ...row }) => {
      const step = plan.steps[stepId];
      if (!path.startsWith(`${scopePath}.`) || row.status !== 'failed' || !row.failure || !step) return false;
      return exitOf(plan, step, row) === null && takerOf(plan, placeOf(path).scope, row.failure) === scopePath;
    })
    .toSorted((left, right) => left.seq - right.seq);
  return taken[0]?.failure;
};

/** The instance that ends with a failure in this scope; see `catcherOf`, which needs the scopes to be open. */
const takerOf = (plan: Plan, scopePath: string, { name }: Failure): string | null => {
  for (let path = scopePath; ; ) {
    const owner = ownerOf(path);
    const frame = owner && plan.steps[owner.stepId];
    if (!owner || !frame || frame.type === 'finally') return null;
    if (frame.type === 'try' && (frame.catches === null || frame.catches.includes(name))) return path;
    if (frame.type === 'forEach' && frame.onItemFailure !== 'park') return path;
    path = owner.scope;
  }
};

/** Something in the try is not over yet: what its `finally` has tidied up will be there again. */
const mustCleanUpAgain = (turn: Turn, { scope, stepId }: Place): boolean =>
  scopeAt(turn, scope).failure === undefined &&
  Object.entries(scopeAt(turn, scope).steps).some(
    ([id, { status }]) => id !== stepId && !isSettled(status) && !isUndo(planStepAt(turn, { scope, stepId: id })),
  );

const openScope = (
  turn: Turn,
  owner: Place,
  scopePath: string,
  subject: Pick<ScopeState, 'index' | 'item'> = {},
): void => {
  const { generation } = stepAt(turn, owner);
  turn.state.scopes[scopePath] = { ...createScope(turn.plan, owner.stepId, { generation }), owner, ...subject };
  turn.touched.add(scopePath);
};

/** A frame that has not ended, or in which the fork begins. */
const reopen = (
  turn: Turn,
  restoring: Restoring,
  place: Place,
  row: StepTransition | undefined,
  isGivenUp = false,
): void => {
  const step = planStepAt(turn, place) as FrameStep;
  const fresh = stepAt(turn, place);
  const anchor = restoring.reach.chain.get(place.scope);
  const isAround = anchor?.stepId === place.stepId;
  // In a `while` the iterations to come are behind the fork.
  const generation = isAround && step.type === 'while' ? restoring.generation : (row?.generation ?? fresh.generation);
  const running: StepState = { ...fresh, status: 'running', ordinal: row?.ordinal ?? 1, generation };
  const own = { ...running, generation: row?.generation ?? fresh.generation };
  setStep(turn, place, own);
  const indexes = indexesOf(restoring, place);
  if (isAround && (!row || (anchor.index !== undefined && !indexes.includes(anchor.index)))) {
    const which = anchor.index === undefined ? '' : `, iteration ${anchor.index}`;
    const message = `${step.title}${which} has not begun. Start again from a step that has run.`;
    restoring.problems.push({ code: 'step_not_reached', path: pathOf(place), message });
    return;
  }
  switch (step.type) {
    case 'try':
    case 'finally':
      openScope(turn, place, frameScope(place));
      restoreScope(turn, restoring, frameScope(place), isGivenUp);
      return;
    case 'forEach': {
      const problem = loopProblem(turn.plan, restoring, place, row);
      if (problem) {
        restoring.problems.push({ path: pathOf(place), ...problem });
        return;
      }
      const items = row?.input as readonly Json[];
      const next = Math.min(items.length, highest(indexes) + 1);
      if (runsInBatches(step, items.length)) {
        const { size } = step.batches ?? { size: 1 };
        const begun = Math.min(items.length, Math.ceil(next / size) * size);
        const loop = { items: items.slice(begun), part: { from: begun, count: items.length }, next: begun };
        setStep(turn, place, { ...own, loop: { ...loop, results: [], failed: [], batches: {} } });
        restoring.inBatches.push({ place, items: items.slice(0, begun), isGivenUp });
        return;
      }
      setStep(turn, place, { ...own, loop: { items, next, results: [], failed: [] } });
      for (let index = 0; index < next; index += 1) restoreItem(turn, restoring, place, { index, items, isGivenUp });
      return;
    }
    case 'while': {
      const current = isAround ? (anchor?.index ?? 0) : Math.max(0, highest(indexes));
      setStep(turn, place, { ...own, loop: { next: current + 1, results: [], failed: [] } });
      openScope(turn, place, iterationScope(place, current), { index: current });
      restoreScope(turn, restoring, iterationScope(place, current), isGivenUp);
      setStep(turn, place, { ...stepAt(turn, place), generation });
    }
  }
};

/** One item of a loop over `items`, of which the first is the item `from` of the whole list. */
export const restoreItem = (
  turn: Turn,
  restoring: Restoring,
  place: Place,
  {
    index,
    items,
    from = 0,
    isGivenUp,
  }: { readonly index: number; readonly items: readonly Json[]; readonly from?: number; readonly isGivenUp: boolean },
): void => {
  openScope(turn, place, iterationScope(place, index), { index, item: items[index - from] ?? null });
  restoreScope(turn, restoring, iterationScope(place, index), isGivenUp);
};

const loopProblem = (
  plan: Plan,
  restoring: Restoring,
  place: Place,
  row: StepTransition | undefined,
): Omit<ForkProblem, 'path'> | null => {
  const step = plan.steps[place.stepId] as ForEachStep;
  const items = row?.input;
  if (!Array.isArray(items)) {
    const message = `What ${step.title} loops over was not recorded. Start again from the loop as a whole.`;
    return { code: 'not_recorded', message };
  }
  if (!runsInBatches(step, items.length) && items.length > mostItems.inRun) {
    const message = `${step.title} has ${items.length} items, and runs at most ${mostItems.inRun} in this version. Start again from the loop as a whole, or behind it.`;
    return { code: 'loop_too_long', message };
  }
  if (!row || !hasGaps(plan, restoring, place, row)) return null;
  const message = `Not every item of ${step.title} that stands is recorded in this run: it was started again itself, and there were too many to take along. Start again from the run before it, or from the loop as a whole.`;
  return { code: 'not_recorded', message };
};

/**
 * Items of a loop, and of each batch of it, begin in their order: one that is missing before another, or in a loop that
 * has done them all, has been left out. A batch of which nothing is known has not begun, unless the run is a fork.
 */
const hasGaps = (plan: Plan, restoring: Restoring, place: Place, row: StepTransition): boolean => {
  const step = plan.steps[place.stepId];
  if (step?.type !== 'forEach' || !Array.isArray(row.input)) return false;
  const { length } = row.input;
  const size = runsInBatches(step, length) ? (step.batches?.size ?? 1) : length;
  const indexes = new Set(indexesOf(restoring, place));
  const isDone = row.status === 'succeeded';
  const isStrict = isDone || restoring.isOfFork;
  const last = isDone ? length - 1 : highest([...indexes]);
  let isBehind = isDone;
  for (let index = last; index >= 0; index -= 1) {
    if (indexes.has(index)) isBehind = true;
    else if (isBehind || (isStrict && index % size === 0)) return true;
    if (index % size === 0) isBehind = isDone;
  }
  return false;
};

const highest = (indexes: readonly number[]): number => indexes.reduce((most, index) => Math.max(most, index), -1);

/** Which iterations of a loop have begun. */
export const indexesOf = ({ rows }: Pick<Restoring, 'rows'>, place: Place): readonly number[] => {
  const prefix = `${pathOf(place)}[`;
  return [...rows.keys()].flatMap((path) =>
    path.startsWith(prefix) ? [Number(path.slice(prefix.length, path.indexOf(']', prefix.length)))] : [],
  );
};

/** What nothing leads to: in a frame it begins with it, in the flow itself only a trigger that fired does. */
const begin = (turn: Turn, { triggerStepId }: Restoring, place: Place): void => {
  const step = planStepAt(turn, place);
  if (isUndo(step)) return;
  if (step.incoming.length > 0 || stepAt(turn, place).status !== 'pending') return;
  if (ownerOf(place.scope)) {
    if (step.type !== 'finally') turn.state.ready.push(place);
    return;
  }
  if (place.stepId === triggerStepId) return;
  changeStep(turn, place, { status: 'skipped' });
  settleEdges(turn, place, null);
};

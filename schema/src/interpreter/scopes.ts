import type { Json, SubflowStep } from '../flow/plan.ts';
import type { Failure } from '../run/status.ts';
import { stopBatches } from './frames/stop-batches.ts';
import { isUndo } from './is-undo.ts';
import { createScope } from './create-state.ts';
import { ofScope, pathOf, type Place } from './place.ts';
import type { ScopeState } from './state.ts';
import { changeStep, isWorking, planStepAt, setStep, stepAt, type Turn } from './turn.ts';

/** What an instance of a frame is about. */
export interface ScopeSubject {
  readonly index?: number;
  readonly item?: Json;
}

/** Opens an instance of the region in a step's frame: the steps in it that nothing leads to are ready. */
export const openScope = (turn: Turn, owner: Place, scopePath: string, subject: ScopeSubject = {}): void => {
  const { plan, state } = turn;
  const { usedOrdinal, ordinal, generation } = stepAt(turn, owner);
  const firstOrdinal = firstOrdinalOf(usedOrdinal, ordinal);
  state.scopes[scopePath] = {
    ...createScope(plan, owner.stepId, { ordinal: firstOrdinal, generation }),
    owner,
    ...(firstOrdinal > 1 && { firstOrdinal }),
    ...subject,
  };
  turn.touched.add(scopePath);
  for (const stepId of plan.regions[owner.stepId]?.steps ?? []) {
    const place = { scope: scopePath, stepId };
    keepEdited(turn, place);
    const { incoming, type } = planStepAt(turn, place);
    if (incoming.length === 0 && type !== 'finally' && !isUndo(planStepAt(turn, place))) state.ready.push(place);
  }
};

/**
 * Behind all that were used before a person began this frame, or one around it, again, so that no activity id comes
 * twice. The ordinals of a frame that is new in an outer one begun again are behind all of that one already.
 */
const firstOrdinalOf = (used: number | undefined, ownOrdinal: number): number =>
  ownOrdinal === 1 ? 1 : Math.max((used ?? 0) + 1, ownOrdinal);

/** What a person has edited in an earlier instance stands: the effect it had is the one to be recognised. */
const keepEdited = (turn: Turn, place: Place): void => {
  const edited = turn.state.edited ?? {};
  const path = pathOf(place);
  if (Object.hasOwn(edited, path)) setStep(turn, place, { ...stepAt(turn, place), ...edited[path] });
};

/** Forgets an instance whose steps have all ended: what it gave is kept by its frame, the rest by history and projection. */
export const dropScope = (turn: Turn, scopePath: string): ScopeState => {
  const scope = scopeAt(turn, scopePath);
  delete turn.state.scopes[scopePath];
  if (scope.owner) {
    const owner = stepAt(turn, scope.owner);
    const used = Object.values(scope.steps).map(({ ordinal, usedOrdinal }) => Math.max(ordinal, usedOrdinal ?? 0));
    setStep(turn, scope.owner, { ...owner, usedOrdinal: Math.max(owner.usedOrdinal ?? 0, ...used) });
  }
  return scope;
};

export const scopeAt = (turn: Pick<Turn, 'state'>, scopePath: string): ScopeState => {
  const scope = Object.hasOwn(turn.state.scopes, scopePath) ? turn.state.scopes[scopePath] : undefined;
  if (!scope) throw new Error(`The run has no scope ${scopePath}.`);
  return scope;
};

/** Instances of a step's frame that are open, in the order in which they were opened. */
export const scopesOf = ({ state }: Pick<Turn, 'state'>, owner: Place): readonly string[] =>
  Object.entries(state.scopes).flatMap(([path, scope]) =>
    scope.owner?.scope === owner.scope && scope.owner.stepId === owner.stepId ? [path] : [],
  );

/** A scope and those around it, the innermost first. */
export const scopeChain = (turn: Pick<Turn, 'state'>, scopePath: string): readonly ScopeState[] => {
  const chain: ScopeState[] = [];
  for (let path: string | undefined = scopePath; path !== undefined; path = chain.at(-1)?.owner?.scope) {
    chain.push(scopeAt(turn, path));
  }
  return chain;
};

/** True when nothing may follow from this step any more. An undo step runs in a scope that is being stopped. */
export const isStopping = (turn: Turn, place: Place): boolean => {
  const { stopping, undoing } = stepAt(turn, place);
  return stopping === true || (!undoing && scopeAt(turn, place.scope).stopping === true);
};

/**
 * Lets nothing more begin in a scope and in those inside it: what waits is cancelled, what has not begun is skipped, and
 * running activities are asked to stop. A `finally` and what is being undone still run; `evenFinally` stops them too.
 */
export const stopScope = (turn: Turn, scopePath: string, evenFinally = false): void => {
  const scope = scopeAt(turn, scopePath);
  if (scope.stopping && !evenFinally) return;
  const isFirst = !scope.stopping;
  scope.stopping = true;
  turn.state.ready = turn.state.ready.filter(
    (place) => place.scope !== scopePath || (!evenFinally && isUndo(planStepAt(turn, place))),
  );
  for (const stepId of turn.plan.regions[scope.region]?.steps ?? []) {
    if (Object.hasOwn(scope.steps, stepId))
      stopStep(turn, { scope: scopePath, stepId }, { evenFinally, tellActivity: isFirst });
  }
  dropEvaluation(turn, scopePath);
};

/** Nobody needs any more what is being evaluated about a scope, and nothing else would end it. */
export const dropEvaluation = (turn: Turn, scopePath: string): void => {
  const scope = scopeAt(turn, scopePath);
  if (scope.evaluations?.field === undefined) return;
  turn.commands.push({ type: 'cancelActivity', path: ofScope(scopePath), ordinal: scope.evaluations.count });
  delete scope.evaluations;
  turn.touched.add(scopePath);
};

interface StopOptions {
  readonly evenFinally: boolean;
  readonly tellActivity: boolean;
}

const stopStep = (turn: Turn, place: Place, { evenFinally, tellActivity }: StopOptions): void => {
  const { status } = stepAt(turn, place);
  const step = planStepAt(turn, place);
  const { type } = step;
  if (isUndo(step)) return evenFinally ? giveUpUndo(turn, place) : undefined;
  const isSpared = type === 'finally' && !evenFinally;
  if (status === 'waiting' && step.type === 'subflow') return void (tellActivity && tellChild(turn, place, step));
  if (status === 'waiting') changeStep(turn, place, { status: 'cancelled' }, ['dueAt']);
  if (status === 'needs_attention') changeStep(turn, place, { status: endOfParked(turn) });
  if (status === 'pending' && !isSpared) changeStep(turn, place, { status: 'skipped' });
  if (status !== 'running' || isSpared) return;
  if (isWorking(turn, place, stepAt(turn, place))) return void (tellActivity && turn.stopped.push(place));
  for (const path of scopesOf(turn, place)) stopScope(turn, path, evenFinally);
  stopBatches(turn, place, evenFinally);
};

/** We wait to hear how it ended, as with an activity. One that nobody waits for goes on. */
const tellChild = (turn: Turn, place: Place, { mode }: SubflowStep): void => {
  if (mode === 'wait') turn.stopped.push(place);
};

/** Undo steps are stopped only with the whole run, and then told once. */
const giveUpUndo = (turn: Turn, place: Place): void => {
  const step = stepAt(turn, place);
  if (step.status === 'pending') changeStep(turn, place, { status: 'skipped' });
  if (step.status === 'waiting') changeStep(turn, place, { status: 'cancelled' }, ['dueAt']);
  if (step.status === 'needs_attention') changeStep(turn, place, { status: endOfParked(turn) });
  if (step.status !== 'running' || step.stopping) return;
  setStep(turn, place, { ...step, stopping: true });
  turn.stopped.push(place);
};

const endOfParked = ({ state }: Turn) =>
  state.closing && state.closing.status !== 'cancelled' ? ('failed' as const) : ('cancelled' as const);

/** Stops single steps of a scope that goes on: branches that nothing waits for any more. */
export const stopSteps = (turn: Turn, places: readonly Place[]): void => {
  const isMeant = (place: Place) =>
    places.some(({ scope, stepId }) => scope === place.scope && stepId === place.stepId);
  turn.state.ready = turn.state.ready.filter((place) => !isMeant(place));
  for (const place of places) {
    const step = stepAt(turn, place);
    if (step.status === 'running' || step.child !== undefined) setStep(turn, place, { ...step, stopping: true });
    stopStep(turn, place, { evenFinally: false, tellActivity: true });
  }
};

/** The failure ends this scope; its frame says what follows when all in it has ended. */
export const failScope = (turn: Turn, scopePath: string, failure: Failure): void => {
  const scope = scopeAt(turn, scopePath);
  scope.failure ??= failure;
  stopScope(turn, scopePath);
};

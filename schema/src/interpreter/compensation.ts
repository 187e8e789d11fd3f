import { type Failure, isSettled } from '../run/status.ts';
import { evaluatorFor, toExpressionFailure } from './evaluation.ts';
import { isUndo } from './is-undo.ts';
import { pathOf, type Place, placeOf, rootScope } from './place.ts';
import { scopeAt } from './scopes.ts';
import type { Done } from './state.ts';
import { changeStep, findStep, planStepAt, setStep, stepAt, type Turn } from './turn.ts';

/** Characters of JSON of what undo steps begin with, of iterations that have ended: they travel with the run's state. */
const mostKept = 262_144;

const isWithin = (scope: string, around: string): boolean =>
  around === rootScope || scope === around || scope.startsWith(`${around}.`);

/** Remembers that a step is done, when another one would undo it. */
export const rememberDone = (turn: Turn, place: Place): void => {
  const step = planStepAt(turn, place);
  const undo = 'undo' in step ? step.undo : undefined;
  if (undo === undefined) return;
  const done: Done = { scope: place.scope, stepId: undo, generation: stepAt(turn, place).generation };
  addDone(turn, [done]);
};

/** A frame that is begun again does the same once more; only its last time counts. */
export const addDone = (turn: Turn, added: readonly Done[]): void => {
  const isAgain = ({ scope, stepId }: Done) => added.some((each) => each.scope === scope && each.stepId === stepId);
  turn.state.done = [...(turn.state.done ?? []).filter((each) => !isAgain(each)), ...added];
};

/** What a scope that ends leaves behind: what its undo steps would begin with. Those not asked for count as skipped. */
export const keepUndos = async (turn: Turn, scopePath: string): Promise<void> => {
  const isNew = ({ scope, kept }: Done) => scope === scopePath && !kept;
  if (turn.state.done?.some(isNew)) {
    const done: Done[] = [];
    for (const each of turn.state.done) {
      done.push(isNew(each) ? { ...each, kept: await evaluateUndo(turn, each) } : each);
    }
    turn.state.done = done;
  }
  skipUndos(turn, scopePath);
};

const evaluateUndo = async (turn: Turn, place: Place): Promise<NonNullable<Done['kept']>> => {
  const { ordinal, generation } = stepAt(turn, place);
  const step = planStepAt(turn, place);
  if (step.type !== 'action') throw new Error(`${step.id} is no action, and cannot undo anything.`);
  const evaluated = await evaluatorFor(turn, place).evaluateInput(step.input);
  if (!evaluated.ok) return { ordinal, generation, size: 0, failure: toExpressionFailure(evaluated.error) };
  const { ok: _, ...given } = evaluated;
  return { ordinal, generation, ...given, size: JSON.stringify('input' in given ? given.input : given.recipe).length };
};

/** Undo steps of a scope that ends without them. */
export const skipUndos = (turn: Turn, scopePath: string): void => {
  for (const stepId of Object.keys(scopeAt(turn, scopePath).steps)) {
    const place = { scope: scopePath, stepId };
    if (isUndo(planStepAt(turn, place)) && stepAt(turn, place).status === 'pending') {
      changeStep(turn, place, { status: 'skipped' });
    }
  }
};

/**
 * Undoes what was done in a scope and in those that were inside it, one step after the other, the last one first. To be
 * asked each time when all else in the scope has ended, until it says `over`.
 */
export const undoNext = (turn: Turn, scopePath: string): 'begun' | 'underWay' | 'over' => {
  if (isUndoing(turn, scopePath)) return 'underWay';
  const all = turn.state.done ?? [];
  const last = all.findLast(({ scope }) => isWithin(scope, scopePath));
  if (!last) return 'over';
  turn.state.done = all.filter((each) => each !== last);
  const { scope, stepId, generation, kept } = last;
  if (!Object.hasOwn(turn.state.scopes, scope)) reopen(turn, last);
  const place = { scope, stepId };
  setStep(turn, place, {
    ...stepAt(turn, place),
    // It may have counted as skipped already, while it was not asked for.
    status: 'pending',
    // Done in an earlier instance of a frame that was begun again: what was kept then counts.
    ...(kept?.input !== undefined && { input: kept.input }),
    ...(kept?.recipe && { recipe: kept.recipe }),
    undoing: { generation, ...(kept?.failure && { failure: kept.failure }) },
  });
  turn.state.ready.push(place);
  return 'begun';
};

const isUndoing = (turn: Turn, scopePath: string): boolean =>
  Object.entries(turn.state.scopes).some(
    ([path, { steps }]) =>
      isWithin(path, scopePath) && Object.values(steps).some(({ undoing, status }) => undoing && !isSettled(status)),
  );

/** A scope of one step, whose input is known: nothing else of what was there can be read any more. */
const reopen = (turn: Turn, { scope, stepId, kept }: Done): void => {
  if (!kept) throw new Error(`The scope ${scope} has ended without saying what ${stepId} begins with.`);
  const { ordinal, generation } = kept;
  turn.state.scopes[scope] = {
    region: planStepAt(turn, { scope, stepId }).region,
    steps: {
      [stepId]: {
        status: 'pending',
        ordinal,
        generation,
        pendingEdges: 0,
        takenEdges: 0,
      },
    },
    reopened: true,
  };
};

/** The undo step of a reopened scope has ended. The nearest scope around it that is still there has its turn. */
export const closeReopened = (turn: Turn, scopePath: string): void => {
  const ordinals = Object.values(scopeAt(turn, scopePath).steps).map(({ ordinal }) => ordinal);
  delete turn.state.scopes[scopePath];
  let owner = ownerOf(scopePath);
  while (!findStep(turn, owner)) owner = ownerOf(owner.scope);
  const step = stepAt(turn, owner);
  setStep(turn, owner, { ...step, usedOrdinal: Math.max(step.usedOrdinal ?? 0, ...ordinals) });
};

/** The frame that a scope was an instance of: `each` of `each[7]`. */
const ownerOf = (scopePath: string): Place => placeOf(scopePath.replace(/\[\d+\]$/, ''));

/**
 * A step was undone. Should a frame around it be begun again, what was done is to be done again, and undone again: under
 * other effect keys than those on record.
 */
export const renewEffects = (turn: Turn, place: Place): void => {
  const { undoing, generation } = stepAt(turn, place);
  const step = planStepAt(turn, place);
  if (!undoing || step.type !== 'action' || step.undoes === undefined || place.scope === rootScope) return;
  const undone = pathOf({ scope: place.scope, stepId: step.undoes });
  turn.state.edited = {
    ...turn.state.edited,
    [undone]: { ...turn.state.edited?.[undone], generation: undoing.generation + 1 },
    [pathOf(place)]: { generation: generation + 1 },
  };
};

/** The run ends and is not going on: whether what it has done is to be undone. */
export const compensates = ({ plan, state }: Turn): boolean => {
  switch (state.closing?.status) {
    case 'failed':
      return true;
    case 'cancelled':
      return plan.settings.compensateOnCancel !== false;
    case 'succeeded':
    case 'superseded':
    case undefined:
      return false;
  }
};

export const isAnyDone = ({ state }: Turn, scopePath: string): boolean =>
  (state.done ?? []).some(({ scope }) => isWithin(scope, scopePath));

export const tooMuchToUndo: Failure = {
  name: 'too_much_to_undo',
  message: `What the undo steps of this loop's iterations would begin with has more than ${mostKept} characters as JSON.`,
  advice: 'Give the undo steps smaller inputs, such as an id, or loop over fewer items.',
};

/** True when a run keeps so much for its undo steps that a loop must not add to it. */
export const keepsTooMuch = ({ state }: Turn): boolean =>
  (state.done ?? []).reduce((sum, { kept }) => sum + (kept?.size ?? 0), 0) > mostKept;

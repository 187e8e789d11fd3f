import type { FrameStep } from '../flow/plan.ts';
import { isSettled } from '../run/status.ts';
import { closeReopened, compensates, keepUndos, undoNext } from './compensation.ts';
import { evaluateForScope } from './evaluate-outside.ts';
import { frameOf } from './frames/frames.ts';
import { isUndo } from './is-undo.ts';
import { NeedsValue } from './needs-value.ts';
import { type Place, rootScope } from './place.ts';
import { planStepAt, type Turn } from './turn.ts';

/**
 * Ends one instance of a frame whose steps have all ended, the one that changed first, and lets its frame say what
 * follows; where it has failed, what was done in it is undone first. False when there is none.
 */
export const endOneScope = async (turn: Turn): Promise<boolean> => {
  // Its frames go on in the fork.
  if (turn.state.closing?.status === 'superseded') return false;
  for (const scopePath of turn.touched) {
    turn.touched.delete(scopePath);
    const scope = turn.state.scopes[scopePath];
    if (!scope || scope.around || !isOver(turn, scopePath)) continue;
    if (scope.reopened) {
      closeReopened(turn, scopePath);
      return true;
    }
    if (!scope.owner) continue;
    const undoing = scope.failure ? undoNext(turn, scopePath) : 'over';
    if (undoing === 'begun') return true;
    if (undoing === 'underWay') continue;
    await keepUndos(turn, scopePath);
    await end(turn, scope.owner, scopePath);
    return true;
  }
  return false;
};

const end = async (turn: Turn, owner: Place, scopePath: string): Promise<void> => {
  const step = planStepAt(turn, owner);
  try {
    await frameOf(step).endScope(turn, owner, scopePath, step as FrameStep);
  } catch (error) {
    if (!(error instanceof NeedsValue)) throw error;
    evaluateForScope(turn, scopePath, error);
  }
};

/** Begins the next undo step of a run that is closing, when all else in it has ended. False when there is none to begin. */
export const compensateRun = (turn: Turn): boolean =>
  !turn.state.batch && compensates(turn) && isOver(turn, rootScope) && undoNext(turn, rootScope) === 'begun';

/**
 * A `finally` that has not begun does not keep its scope open: it begins when all else has ended. Nor does an undo step
 * whose turn has not come.
 */
const isOver = (turn: Turn, scopePath: string): boolean =>
  turn.state.scopes[scopePath]?.evaluations?.field === undefined &&
  Object.entries(turn.state.scopes[scopePath]?.steps ?? {}).every(([stepId, { status, undoing }]) => {
    if (isSettled(status)) return true;
    if (status !== 'pending' || undoing) return false;
    const step = planStepAt(turn, { scope: scopePath, stepId });
    return step.type === 'finally' || isUndo(step);
  });

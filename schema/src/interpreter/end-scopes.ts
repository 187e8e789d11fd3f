import type { FrameStep } from '../flow/plan.ts';
import { isSettled } from '../run/status.ts';
import { frameOf } from './frames/frames.ts';
import { planStepAt, type Turn } from './turn.ts';

/**
 * Ends one instance of a frame whose steps have all ended, the one that changed first, and lets its frame say what
 * follows. False when there is none.
 */
export const endOneScope = async (turn: Turn): Promise<boolean> => {
  for (const scopePath of turn.touched) {
    turn.touched.delete(scopePath);
    const owner = turn.state.scopes[scopePath]?.owner;
    if (!owner || !isOver(turn, scopePath)) continue;
    const step = planStepAt(turn, owner);
    await frameOf(step).endScope(turn, owner, scopePath, step as FrameStep);
    return true;
  }
  return false;
};

/** A `finally` that has not begun does not keep its scope open: it begins when all else has ended. */
const isOver = (turn: Turn, scopePath: string): boolean =>
  Object.entries(turn.state.scopes[scopePath]?.steps ?? {}).every(
    ([stepId, { status }]) =>
      isSettled(status) || (status === 'pending' && planStepAt(turn, { scope: scopePath, stepId }).type === 'finally'),
  );

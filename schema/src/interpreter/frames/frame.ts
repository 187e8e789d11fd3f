import type { FrameStep } from '../../flow/plan.ts';
import type { Place } from '../place.ts';
import type { Statement } from '../statements/statement.ts';
import type { Turn } from '../turn.ts';

/** A step that holds a region: `begin` opens the first instance. */
export interface Frame<Step extends FrameStep> extends Statement<Step> {
  /** All steps of an instance have ended: keep what it gave, drop it, and say what follows. */
  endScope(turn: Turn, owner: Place, scopePath: string, step: Step): Promise<void> | void;
}

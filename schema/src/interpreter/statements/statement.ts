import type { Json, PlanStep } from '../../flow/plan.ts';
import type { Place } from '../place.ts';
import type { Turn } from '../turn.ts';

/** How one kind of step behaves. The table in `statements.ts` has one for each. */
export interface Statement<Step extends PlanStep> {
  /** The step is ready: do what it does, or start what it waits for. */
  begin(turn: Turn, place: Place, step: Step): Promise<void> | void;
  /**
   * A person completes the step with this output: which port is taken. Null when the output does not fit the step;
   * `expected` then says what would.
   */
  portFor(step: Step, output: Json): string | null;
  /** What `portFor` accepts, in words. */
  readonly expected: string;
}

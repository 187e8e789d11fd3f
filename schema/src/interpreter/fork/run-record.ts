import type { Json } from '../../flow/plan.ts';
import type { StepTransition } from '../command.ts';

/**
 * What is known of a run step by step, from its projection or its folded history: unlike a state it also tells of the
 * iterations that have ended.
 */
export interface RunRecord {
  readonly triggerStepId: string;
  readonly trigger: Json;
  /** The newest transition of each path, with its input and output wherever they were reported. In any order. */
  readonly steps: readonly StepTransition[];
}

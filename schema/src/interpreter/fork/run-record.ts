import type { Json } from '../../flow/plan.ts';
import type { StepTransition } from '../command.ts';
import type { Value } from '../value.ts';

/**
 * What is known of a run step by step, from its projection or its folded history: unlike a state it also tells of the
 * iterations that have ended.
 */
export interface RunRecord {
  readonly triggerStepId: string;
  readonly trigger: Json;
  /** The newest transition of each path, with its input and output wherever they were reported. In any order. */
  readonly steps: readonly StepTransition[];
  /** The run is a fork itself: of very long loops it may not have taken along that items had ended. */
  readonly isOfFork?: true;
  /** What steps have set as variables whose output is kept outside: by path, and then by name. */
  readonly variables?: { readonly [path: string]: { readonly [name: string]: Value } };
}

import type { Json } from '../../flow/plan.ts';

/** How a run is to be started again. */
export interface ForkOrder {
  /** Path of the step that runs again, with everything behind it. */
  readonly at: string;
  /** In place of what its expressions give. */
  readonly input?: Json;
  /** In place of what steps before it gave, by path. */
  readonly outputs: { readonly [path: string]: Json };
  /** See `generationOfFork`. */
  readonly generation: number;
  /** The step is a sub-flow that does not run again: its run goes on in a fork of its own. */
  readonly child?: ChildFork;
}

/** How the run of a sub-flow is to be started again. */
export interface ChildFork extends ForkOrder {
  readonly originRunId: string;
  /** Part of the effect keys of what goes on in it. */
  readonly rootRunId: string;
}

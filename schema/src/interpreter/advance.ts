import type { Plan } from '../flow/plan.ts';
import type { Command } from './command.ts';
import type { KernelEvent } from './event.ts';
import type { RunState } from './state.ts';

export interface Advanced {
  readonly state: RunState;
  readonly commands: readonly Command[];
}

/**
 * The whole semantics of a run: what an event changes, and what the shell must do next. The state given is left as it
 * was. Async only because expressions are; callers feed one event at a time. Throws only for defects of the engine.
 */
export const advance = async (_plan: Plan, state: RunState, _event: KernelEvent): Promise<Advanced> =>
  Promise.resolve({ state, commands: [] });

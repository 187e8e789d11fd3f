import { rootScope } from './place.ts';
import { stopScope } from './scopes.ts';
import type { RunState } from './state.ts';
import type { Turn } from './turn.ts';

type Closing = NonNullable<RunState['closing']>;

/**
 * From here on nothing new begins but what stands in a `finally`; the run ends when what is running has ended. The first
 * reason stands.
 */
export const closeRun = (turn: Turn, closing: Closing): void => {
  if (turn.state.closing) return;
  turn.state.closing = closing;
  stopScope(turn, rootScope);
};

/** A person, or the limit of their time, ends a run whose `finally` has parked: nothing is waited for but activities. */
export const closeRunAtOnce = (turn: Turn, closing: Closing): void => {
  turn.state.closing ??= closing;
  for (const scopePath of Object.keys(turn.state.scopes)) stopScope(turn, scopePath, true);
};

import { stopBatches } from './frames/stop-batches.ts';
import { type Place, rootScope } from './place.ts';
import { dropEvaluation, scopeAt, stopScope } from './scopes.ts';
import type { RunState } from './state.ts';
import { allSteps, isWorking, planStepAt, type Turn } from './turn.ts';

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

/** A person, or the limit of their time, ends a run whose `finally` or undo step has parked: nothing is waited for but activities. */
export const closeRunAtOnce = (turn: Turn, closing: Closing): void => {
  turn.state.closing ??= closing;
  turn.state.done = [];
  for (const scopePath of Object.keys(turn.state.scopes)) stopScope(turn, scopePath, true);
};

/** Ends the innermost `finally` around a step. Those of other tries still run. */
export const giveUpCleanup = (turn: Turn, { scope }: Place): void => {
  for (let path = scope; ; ) {
    const { owner } = scopeAt(turn, path);
    if (!owner) return;
    if (planStepAt(turn, owner).type === 'finally') return stopScope(turn, path, true);
    path = owner.scope;
  }
};

/**
 * A fork goes on in this run's place. Unlike an end it leaves everything as it stands, for the fork to take over: nothing
 * begins any more, not even a `finally`, and what runs is told to stop and waited for. Batches of loops do the same, as the
 * run asks them to.
 */
export const supersedeRun = (turn: Turn, by?: string): void => {
  const { state } = turn;
  if (state.closing) return;
  state.closing = { status: 'superseded', ...(by !== undefined && { supersededBy: by }) };
  state.ready = [];
  for (const [scopePath, scope] of Object.entries(state.scopes)) {
    scope.stopping = true;
    dropEvaluation(turn, scopePath);
  }
  for (const { place, step } of allSteps(turn)) {
    if (isWorking(turn, place, step)) turn.stopped.push(place);
    if (step.loop?.batches) stopBatches(turn, place);
  }
};

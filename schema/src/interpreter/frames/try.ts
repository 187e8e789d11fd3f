import type { TryStep } from '../../flow/plan.ts';
import { catches } from '../catcher.ts';
import { settleEdges } from '../edges.ts';
import { succeedComposed } from '../evaluate-outside.ts';
import { failStep } from '../outcome.ts';
import { frameScope, type Place } from '../place.ts';
import { dropScope, isStopping, openScope, scopeAt } from '../scopes.ts';
import { changeStep, stepAt, type Turn } from '../turn.ts';
import { finallyFrame } from './finally.ts';
import type { Frame } from './frame.ts';
import { resultOf } from './scope-result.ts';
import { startLimit } from './time-limit.ts';

/** Runs its frame once. What fails in it leaves by the port `caught`, after the `finally`. */
export const tryFrame: Frame<TryStep> = {
  begin(turn, place, step) {
    changeStep(turn, place, { status: 'running' }, ['failure']);
    startLimit(turn, place, step);
    openScope(turn, place, frameScope(place));
  },
  async endScope(turn, owner, scopePath, step) {
    const cleanup = cleanupOf(turn, scopePath);
    if (cleanup && stepAt(turn, cleanup.place).status === 'pending') {
      return finallyFrame.begin(turn, cleanup.place, cleanup.step);
    }
    const { failure, stopping } = scopeAt(turn, scopePath);
    const result = stopping ? null : await resultOf(turn, scopePath, step.result);
    dropScope(turn, scopePath);
    if (isStopping(turn, owner) || (stopping && !failure)) {
      changeStep(turn, owner, { status: 'cancelled' });
    } else if (failure && !catches(step, failure.name)) {
      // Its own time limit, which it does not catch.
      failStep(turn, owner, failure);
    } else if (failure) {
      changeStep(turn, owner, { status: 'failed', failure });
      settleEdges(turn, owner, 'caught');
    } else if (result?.ok) succeedComposed(turn, owner, result.value);
    else if (result) failStep(turn, owner, result.failure);
  },
  portFor: () => 'out',
  expected: 'any value',
};

const cleanupOf = (turn: Turn, scopePath: string) => {
  const { region } = scopeAt(turn, scopePath);
  for (const stepId of turn.plan.regions[region]?.steps ?? []) {
    const step = turn.plan.steps[stepId];
    const place: Place = { scope: scopePath, stepId };
    if (step?.type === 'finally') return { place, step };
  }
  return null;
};

import { toMilliseconds } from '../flow/duration.ts';
import { isUndo } from './is-undo.ts';
import { settleEdges } from './edges.ts';
import type { KernelEvent } from './event.ts';
import { rootScope } from './place.ts';
import { runTimerId } from './timer-id.ts';
import { allSteps, changeStep, planStepAt, setStep, startTimer, type Turn } from './turn.ts';

/** The trigger that fired is done with what it delivered; the others, and steps that nothing leads to, are dead. */
export const startRun = (turn: Turn, event: Extract<KernelEvent, { type: 'started' }>): void => {
  const { plan, state, at } = turn;
  if (state.status !== 'queued') throw new Error(`The run ${state.run.id} was started twice.`);
  if (planStepAt(turn, { scope: rootScope, stepId: event.triggerStepId }).type !== 'trigger') {
    throw new Error(`The plan has no trigger ${event.triggerStepId}.`);
  }
  Object.assign(state, {
    startedAt: at,
    triggerStepId: event.triggerStepId,
    trigger: event.trigger,
    run: event.run,
    env: event.env ?? {},
    seed: event.seed,
  });
  startTimer(turn, runTimerId, at + toMilliseconds(plan.settings.runTimeout), 'Time limit of the run');
  for (const { place } of allSteps(turn)) {
    const step = planStepAt(turn, place);
    if (place.stepId === event.triggerStepId) {
      const { output: _delivered, ...rest } = changeStep(turn, place, { status: 'succeeded', output: event.trigger });
      // The state holds what was delivered once, as `trigger`.
      setStep(turn, place, rest);
      settleEdges(turn, place, 'out');
    } else if (step.incoming.length === 0 && !isUndo(step)) {
      changeStep(turn, place, { status: 'skipped' });
      settleEdges(turn, place, null);
    }
  }
};

import { toMilliseconds } from '../flow/duration.ts';
import type { Json, OnFailure, PlanStep } from '../flow/plan.ts';
import type { Failure } from '../run/status.ts';
import { settleEdges } from './edges.ts';
import type { Place } from './place.ts';
import { timerIdOf } from './timer-id.ts';
import { changeStep, planStepAt, startTimer, stepAt, type Turn } from './turn.ts';

/** The step is done: `port` is taken with `output`. While the run is closing nothing follows. */
export const succeedStep = (turn: Turn, place: Place, output: Json, port: string | null = 'out'): void => {
  // The input has served its purpose; history and projection keep it.
  changeStep(turn, place, { status: 'succeeded', output }, ['input', 'failure', 'dueAt']);
  if (!turn.state.closing) settleEdges(turn, place, port);
};

/**
 * The step cannot go on. In this order: an effect that may have happened parks; an error edge takes the failure; then the
 * policy of the step or the flow: park, fail the run, or continue with null.
 */
export const failStep = (turn: Turn, place: Place, failure: Failure, attempts = 1): void => {
  const step = planStepAt(turn, place);
  if (turn.state.closing) {
    changeStep(turn, place, { status: 'failed', failure, attempts });
    return;
  }
  if (failure.unsure) return parkStep(turn, place, failure, attempts);
  if (hasErrorEdge(turn, step)) {
    changeStep(turn, place, { status: 'failed', failure, attempts }, ['input', 'dueAt']);
    return settleEdges(turn, place, 'error');
  }
  switch (policyOf(turn, step)) {
    case 'park':
      return parkStep(turn, place, failure, attempts);
    case 'fail':
      changeStep(turn, place, { status: 'failed', failure, attempts });
      return closeRun(turn, { status: 'failed', failure });
    case 'continue':
      changeStep(turn, place, { status: 'failed', failure, attempts, output: null }, ['input', 'dueAt']);
      return settleEdges(turn, place, 'out');
  }
};

const hasErrorEdge = (turn: Turn, step: PlanStep): boolean =>
  step.outgoing.some((index) => turn.plan.edges[index]?.port === 'error');

const policyOf = (turn: Turn, step: PlanStep): OnFailure =>
  step.type === 'action' ? step.onFailure : turn.plan.settings.onFailure;

const parkStep = (turn: Turn, place: Place, failure: Failure, attempts: number): void => {
  const { ordinal } = stepAt(turn, place);
  changeStep(turn, place, { status: 'needs_attention', failure, attempts });
  const dueAt = turn.at + toMilliseconds(turn.plan.settings.parkLimit);
  startTimer(turn, timerIdOf('park', place, ordinal), dueAt, `Time to repair: ${planStepAt(turn, place).title}`);
};

/** From here on nothing new starts; the run ends when what is running has ended. The first reason stands. */
export const closeRun = (turn: Turn, closing: NonNullable<Turn['state']['closing']>): void => {
  turn.state.closing ??= closing;
};

import type { Json } from '../flow/plan.ts';
import type { RunStatus } from '../run/status.ts';
import { pathOf } from './place.ts';
import { allSteps, cancelTimer, changeStep, reportRun, type Turn } from './turn.ts';

/**
 * After an event and all that followed from it: the run's status, or its end. A step that waits for a person makes the
 * status `needs_attention`, even while other branches go on; otherwise an activity under way makes it `running`;
 * otherwise there are only timers, and it is `waiting`.
 */
export const conclude = (turn: Turn): void => {
  const { state } = turn;
  const steps = allSteps(turn);
  const isAny = (...statuses: readonly string[]) => steps.some(({ step }) => statuses.includes(step.status));

  const isPaused = state.ready.length > 0;
  if (!state.closing && !isPaused && !isAny('running', 'waiting', 'needs_attention')) {
    const stalled = steps.filter(({ step }) => step.status === 'pending').map(({ place }) => pathOf(place));
    if (stalled.length > 0) {
      throw new Error(`The run is stalled: nothing is running, and ${stalled.join(', ')} never became ready.`);
    }
    const output = outputOf(turn);
    state.closing = { status: 'succeeded', ...(output !== undefined && { output }) };
  }
  if (!state.closing) {
    if (isAny('needs_attention')) return setStatus(turn, 'needs_attention');
    return setStatus(turn, isPaused || isAny('running') ? 'running' : 'waiting');
  }
  endWaits(turn);
  if (isAny('running')) return stopRunning(turn);
  finish(turn);
};

const setStatus = (turn: Turn, status: RunStatus): void => {
  if (turn.state.status === status) return;
  turn.state.status = status;
  reportRun(turn);
};

/** The output of the `return` that stands first in the plan, among those that were reached. */
const outputOf = (turn: Turn): Json | undefined =>
  allSteps(turn).find(
    ({ place, step }) => turn.plan.steps[place.stepId]?.type === 'return' && step.status === 'succeeded',
  )?.step.output;

/** Steps that wait for time or for a person end with the run, and what has not begun is skipped. */
const endWaits = (turn: Turn): void => {
  for (const { place, step } of allSteps(turn)) {
    if (step.status === 'waiting') changeStep(turn, place, { status: 'cancelled' }, ['dueAt']);
    if (step.status === 'pending') changeStep(turn, place, { status: 'skipped' });
    if (step.status === 'needs_attention') {
      changeStep(turn, place, { status: turn.state.closing?.status === 'cancelled' ? 'cancelled' : 'failed' });
    }
  }
  turn.state.ready = [];
};

const stopRunning = (turn: Turn): void => {
  // Asked once: the shell tells the activity, and we wait to hear how it ended.
  if (turn.state.stopAsked) return;
  turn.state.stopAsked = true;
  for (const timerId of Object.keys(turn.state.timers)) cancelTimer(turn, timerId);
  for (const { place, step } of allSteps(turn)) {
    if (step.status === 'running') {
      turn.commands.push({ type: 'cancelActivity', path: pathOf(place), ordinal: step.ordinal });
    }
  }
};

/** Timers are left to end with the workflow: cancelling each would cost an event. */
const finish = (turn: Turn): void => {
  const { state } = turn;
  const { closing } = state;
  if (!closing) throw new Error('The run ends without a reason.');
  const { status, output, failure } = closing;
  state.timers = {};
  delete state.closing;
  delete state.stopAsked;
  state.status = status;
  if (output !== undefined) state.output = output;
  if (failure !== undefined) state.failure = failure;
  reportRun(turn);
  turn.commands.push({
    type: 'closeRun',
    status,
    ...(output !== undefined && { output }),
    ...(failure !== undefined && { failure }),
  });
};

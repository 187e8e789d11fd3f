import type { RunStatus } from '../run/status.ts';
import { skipUndos } from './compensation.ts';
import { leaveBatch, reportBatch } from './frames/batch.ts';
import { openBatches } from './open-batches.ts';
import { pathOf, rootScope } from './place.ts';
import type { RunState } from './state.ts';
import { readTimerId, runTimerId, type TimerPurpose } from './timer-id.ts';
import { allSteps, cancelTimer, findStep, isWorking, reportRun, stepAt, type Turn } from './turn.ts';

/**
 * After an event and all that followed from it: the run's status, or its end. A step that waits for a person makes the
 * status `needs_attention`, even while other branches go on; otherwise an activity under way makes it `running`;
 * otherwise there are only timers, and it is `waiting`.
 */
export const conclude = (turn: Turn): void => {
  const { state } = turn;
  const steps = allSteps(turn).filter(({ place }) => !state.scopes[place.scope]?.around);
  const batches = openBatches(state);
  const isAny = (...statuses: readonly string[]) => steps.some(({ step }) => statuses.includes(step.status));
  // A frame is no work of its own: what runs is in it.
  const isActive =
    batches.length > 0 ||
    steps.some(({ place, step }) => isWorking(turn, place, step)) ||
    Object.values(state.scopes).some(({ evaluations }) => evaluations?.field !== undefined);
  const isPaused = state.ready.length > 0;
  const isSuperseded = state.closing?.status === 'superseded';
  const isOpen = isActive || (!isSuperseded && (isPaused || isAny('waiting', 'needs_attention')));

  if (!isOpen && isSuperseded) {
    leaveBatch(turn);
    return finish(turn);
  }
  if (!isOpen) {
    skipUndos(turn, rootScope);
    const stalled = allSteps(turn).filter(
      ({ place, step }) => ['pending', 'running'].includes(step.status) && !state.scopes[place.scope]?.around,
    );
    if (stalled.length > 0) {
      const paths = stalled.map(({ place }) => pathOf(place)).join(', ');
      throw new Error(`The run is stalled: nothing is under way, and ${paths} never ended.`);
    }
    state.closing ??= { status: 'succeeded', ...outputOf(turn) };
    return finish(turn);
  }
  dropStaleTimers(turn);
  tellStopped(turn);
  reportBatch(turn);
  if (isAny('needs_attention') || batches.some(({ parked }) => parked)) return setStatus(turn, 'needs_attention');
  setStatus(turn, isPaused || isActive ? 'running' : 'waiting');
};

/** Timers of steps that have been stopped, and, while the run is closing, its own. */
const dropStaleTimers = (turn: Turn): void => {
  for (const timerId of Object.keys(turn.state.timers)) {
    const timer = readTimerId(timerId);
    const isStale = timer
      ? !statusesOf(timer.purpose).includes(findStep(turn, timer.place)?.status ?? '')
      : timerId === runTimerId && turn.state.closing !== undefined;
    if (isStale) cancelTimer(turn, timerId);
  }
};

/** Of a step whose timer still means something. */
const statusesOf = (purpose: TimerPurpose): readonly string[] =>
  purpose === 'limit' ? ['running'] : ['waiting', 'needs_attention'];

const setStatus = (turn: Turn, status: RunStatus): void => {
  if (turn.state.status === status) return;
  turn.state.status = status;
  reportRun(turn);
};

/** The output of the `return` that stands first in the plan, among those that were reached. */
const outputOf = (turn: Turn): Pick<RunState, 'output' | 'outputReference'> => {
  const { output, large } =
    allSteps(turn).find(
      ({ place, step }) => turn.plan.steps[place.stepId]?.type === 'return' && step.status === 'succeeded',
    )?.step ?? {};
  return { ...(output !== undefined && { output }), ...(large && { outputReference: large.reference }) };
};

/** The shell tells each activity and each sub-flow, and we wait to hear how it ended. */
const tellStopped = (turn: Turn): void => {
  for (const place of turn.stopped) {
    const { ordinal, child } = stepAt(turn, place);
    const path = pathOf(place);
    turn.commands.push(
      child === undefined
        ? { type: 'cancelActivity', path, ordinal }
        : { type: 'cancelChild', path, ordinal, childRunId: child },
    );
  }
};

/** Timers are left to end with the workflow: cancelling each would cost an event. */
const finish = (turn: Turn): void => {
  const { state } = turn;
  const { closing, batch } = state;
  if (!closing) throw new Error('The run ends without a reason.');
  const { status, output, outputReference, failure, supersededBy } = closing;
  state.timers = {};
  delete state.closing;
  state.status = status;
  if (output !== undefined) state.output = output;
  if (outputReference !== undefined) state.outputReference = outputReference;
  if (failure !== undefined) state.failure = failure;
  reportRun(turn, supersededBy);
  turn.commands.push({
    type: 'closeRun',
    status,
    ...(output !== undefined && { output }),
    ...(outputReference !== undefined && { outputReference }),
    ...(failure !== undefined && { failure }),
    ...(batch?.end && { batch: { path: batch.path, ordinal: batch.ordinal, number: batch.number, end: batch.end } }),
  });
};

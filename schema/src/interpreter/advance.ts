import type { Plan, PlanStep } from '../flow/plan.ts';
import { effectOf } from '../flow/resolve-effect.ts';
import { isClosed } from '../run/status.ts';
import { closeRun, closeRunAtOnce, giveUpCleanup, supersedeRun } from './close-run.ts';
import type { Command } from './command.ts';
import { conclude } from './conclude.ts';
import { deferStep, leaveLane, scheduleAgain } from './deferral.ts';
import { takeReady } from './edges.ts';
import { compensateRun, endOneScope } from './end-scopes.ts';
import { evaluateForStep, takeEvaluated, takeScopeEvaluated } from './evaluate-outside.ts';
import type { KernelEvent } from './event.ts';
import { stopBatch } from './frames/batch.ts';
import { takeFromBatch } from './frames/batches.ts';
import { beginBatch } from './frames/for-each.ts';
import { endLimit } from './frames/time-limit.ts';
import { NeedsValue } from './needs-value.ts';
import { failStep, succeedWith } from './outcome.ts';
import { type Place, placeOf } from './place.ts';
import { applyRepair } from './repair.ts';
import { isStopping } from './scopes.ts';
import { startRun } from './start.ts';
import type { RunState, StepState } from './state.ts';
import { applyAnswer } from './statements/approval.ts';
import { endDelay } from './statements/delay.ts';
import { endChild, leaveChild } from './statements/subflow.ts';
import { statementOf } from './statements/statements.ts';
import { receiveEvent } from './statements/wait-for-event.ts';
import { endWait } from './statements/timeout.ts';
import { continueTimerId, readTimerId } from './timer-id.ts';
import {
  allSteps,
  cancelTimer,
  changeStep,
  findStep,
  isWorking,
  openTurn,
  planStepAt,
  startTimer,
  stepAt,
  type Turn,
} from './turn.ts';
import type { Value } from './value.ts';

export interface Advanced {
  readonly state: RunState;
  readonly commands: readonly Command[];
  /** What this event cost. Several may come with one workflow task: the shell bounds what they cost together. */
  readonly cost: TurnCost;
}

/** In steps as expressions count them, and in bytes of JSON. */
export interface TurnCost {
  readonly steps: number;
  readonly bytes: number;
}

/**
 * The whole semantics of a run: what an event changes, and what the shell must do next. The state given is left as it
 * was; an event that comes too late changes nothing. Async only because expressions are; callers feed one event at a time. Throws only for defects of the engine.
 */
export const advance = async (plan: Plan, state: RunState, event: KernelEvent): Promise<Advanced> => {
  if (isClosed(state.status)) return { state, commands: [], cost: { steps: 0, bytes: 0 } };
  const turn = openTurn(plan, state, event.at);
  if (event.type === 'eventArrived') await receiveEvent(turn, event);
  else takeEvent(turn, event);
  do await beginReady(turn);
  while ((await endOneScope(turn)) || compensateRun(turn));
  addCost(turn);
  conclude(turn);
  return { state: turn.state, commands: turn.commands, cost: turn.cost };
};

/**
 * What one turn may cost before the rest waits for a timer that is due at once: a workflow task must end in time, and
 * what it sends must fit into one message.
 */
const turnLimits: TurnCost = { steps: 200_000, bytes: 1_048_576 };

/** Begins every step that can begin, in the fixed order of the plan, until none is left or the turn has cost enough. */
const beginReady = async (turn: Turn): Promise<void> => {
  addCost(turn);
  while (!isCostly(turn)) {
    const place = takeReady(turn, (each) => mayBegin(turn, each));
    if (!place) break;
    const step = planStepAt(turn, place);
    if (runsOutside(step)) turn.freeActivities = freeActivities(turn) - 1;
    await begin(turn, place, step);
    addCost(turn, stepCost(turn));
  }
  if (turn.state.ready.length === 0 || !isCostly(turn)) cancelTimer(turn, continueTimerId);
  else if (!Object.hasOwn(turn.state.timers, continueTimerId)) startTimer(turn, continueTimerId, turn.at, 'Continue');
};

const begin = async (turn: Turn, place: Place, step: PlanStep): Promise<void> => {
  try {
    await statementOf(step).begin(turn, place, step);
  } catch (error) {
    if (!(error instanceof NeedsValue)) throw error;
    evaluateForStep(turn, place, error);
  }
};

/** Beginning a step costs as much as this many steps of an expression, also where it evaluates nothing. */
const stepCost = ({ state }: Turn): number => 20 + Math.ceil(Object.keys(state.scopes).length / 2);

/** Adds what was evaluated meanwhile, and `more` steps. */
const addCost = (turn: Turn, more = 0): void => {
  let { steps, bytes } = turn.cost;
  for (const evaluator of turn.evaluators.splice(0)) {
    steps += evaluator.spent;
    bytes += evaluator.bytes;
  }
  turn.cost = { steps: steps + more, bytes };
};

const isCostly = ({ cost }: Turn): boolean => cost.steps > turnLimits.steps || cost.bytes > turnLimits.bytes;

/** Activities and sub-flows under way at once. Temporal refuses more than 2,000 of one workflow, and then fails its task for ever. */
const mostActivities = 500;

const freeActivities = (turn: Turn): number =>
  turn.freeActivities ??
  mostActivities - allSteps(turn).filter(({ place, step }) => isOutside(turn, place, step)).length;

const runsOutside = ({ type }: PlanStep): boolean => type === 'action' || type === 'subflow';

const isOutside = (turn: Turn, place: Place, step: StepState): boolean =>
  isWorking(turn, place, step) || (step.status === 'waiting' && step.child !== undefined);

/** An activity for which there is no room stays ready: the end of another one brings its turn. */
const mayBegin = (turn: Turn, place: Place): boolean => {
  if (!runsOutside(planStepAt(turn, place))) return true;
  turn.freeActivities = freeActivities(turn);
  return turn.freeActivities > 0;
};

/** What is late or foreign (a step that has been repaired meanwhile, a timer that was cancelled) changes nothing. */
const takeEvent = (turn: Turn, event: Exclude<KernelEvent, { type: 'eventArrived' }>): void => {
  switch (event.type) {
    case 'started':
      return startRun(turn, event);
    case 'stepSucceeded':
      if (takeScopeEvaluated(turn, event)) return;
      return withRunning(turn, event, (place) =>
        isEvaluating(turn, place) ? takeEvaluated(turn, place, event) : succeedWith(turn, place, toValue(event)),
      );
    case 'stepFailed':
      if (takeScopeEvaluated(turn, event)) return;
      return withRunning(turn, event, (place) => failStep(turn, place, event.failure, event.attempts));
    case 'stepDeferred':
      return withRunning(turn, event, (place) =>
        isStopping(turn, place) ? endStopped(turn, place) : deferStep(turn, place, event),
      );
    case 'stepLeftLane':
      return withRunning(turn, event, (place) =>
        isStopping(turn, place) ? endStopped(turn, place) : leaveLane(turn, place, event),
      );
    case 'batchReported':
    case 'batchEnded':
      return takeFromBatch(turn, event);
    case 'batchStopped':
      return stopBatch(turn, event);
    case 'stepCancelled':
      if (takeScopeEvaluated(turn, event)) return;
      return withRunning(turn, event, (place) => endStopped(turn, place));
    case 'childStarted':
      return withChild(turn, event, (place) => {
        const step = planStepAt(turn, place);
        if (step.type === 'subflow' && step.mode === 'detach') leaveChild(turn, place);
      });
    case 'childEnded':
      return withChild(turn, event, (place) => endChild(turn, place, event.end));
    case 'timerFired':
      return fireTimer(turn, event.timerId);
    case 'approvalAnswered':
      return applyAnswer(turn, event.answer, event.by);
    case 'repaired':
      return applyRepair(turn, event.repair, event.by);
    case 'cancelRequested':
      return closeRun(turn, { status: 'cancelled' });
    case 'superseded':
      return supersedeRun(turn, event.by);
    case 'resumed':
      return beginBatch(turn);
    case 'startRefused':
      return closeRun(turn, { status: 'failed', failure: event.failure });
  }
};

const isEvaluating = (turn: Turn, place: Place): boolean => stepAt(turn, place).evaluations?.field !== undefined;

const toValue = ({ output, large }: Extract<KernelEvent, { type: 'stepSucceeded' }>): Value =>
  large ? { large } : { output };

const withRunning = (
  turn: Turn,
  { path, ordinal }: { readonly path: string; readonly ordinal: number },
  work: (place: Place) => void,
): void => {
  const place = placeOf(path);
  const step = findStep(turn, place);
  if (step?.status === 'running' && step.ordinal === ordinal) work(place);
};

const withChild = (
  turn: Turn,
  { path, ordinal }: { readonly path: string; readonly ordinal: number },
  work: (place: Place) => void,
): void => {
  const place = placeOf(path);
  const step = findStep(turn, place);
  if (step?.status === 'waiting' && step.child !== undefined && step.ordinal === ordinal) work(place);
};

/** Nobody cancels a single activity of an open run but an operator in Temporal; then a person must look. */
const endStopped = (turn: Turn, place: Place): void => {
  if (isStopping(turn, place)) {
    changeStep(turn, place, { status: 'cancelled' });
    return;
  }
  const step = planStepAt(turn, place);
  const { generation } = stepAt(turn, place);
  failStep(turn, place, {
    name: 'step_cancelled',
    message: 'The activity was cancelled from outside the run.',
    ...(step.type === 'action' && effectOf(step, generation).effect !== 'reads' && { unsure: true }),
  });
};

const fireTimer = (turn: Turn, timerId: string): void => {
  if (!Object.hasOwn(turn.state.timers, timerId)) return;
  delete turn.state.timers[timerId];
  // Time goes on in the fork.
  if (turn.state.closing?.status === 'superseded') return;
  if (timerId === continueTimerId) return;
  const timer = readTimerId(timerId);
  if (!timer) {
    const message = `The run was still open after ${turn.plan.settings.runTimeout}, its time limit.`;
    return closeRun(turn, { status: 'failed', failure: { name: 'run_timed_out', message } });
  }
  const { purpose, place } = timer;
  const planned = planStepAt(turn, place);
  switch (purpose) {
    case 'delay':
      return endDelay(turn, place);
    case 'timeout':
      return endWait(turn, place);
    case 'defer':
      return scheduleAgain(turn, place);
    case 'limit':
      return endLimit(turn, place);
    case 'park': {
      const isUndoing = stepAt(turn, place).undoing !== undefined;
      const message = `Nobody repaired the step "${planned.title}" within ${turn.plan.settings.parkLimit}.`;
      const end = turn.state.closing && !isUndoing ? closeRunAtOnce : closeRun;
      end(turn, { status: 'failed', failure: { name: 'park_limit_reached', message } });
      // The others are undone all the same.
      if (isUndoing) return void changeStep(turn, place, { status: 'failed' });
      // In a `finally` it would go on waiting, now without a limit.
      return giveUpCleanup(turn, place);
    }
  }
};

import { toMilliseconds } from '../flow/duration.ts';
import type { Json, OnFailure, PlanStep } from '../flow/plan.ts';
import type { Failure } from '../run/status.ts';
import { catcherOf } from './catcher.ts';
import { closeRun } from './close-run.ts';
import { rememberDone, renewEffects } from './compensation.ts';
import { settleEdges } from './edges.ts';
import type { Place } from './place.ts';
import { failScope, isStopping } from './scopes.ts';
import { timerIdOf } from './timer-id.ts';
import type { StepState } from './state.ts';
import { changeStep, planStepAt, startTimer, stepAt, type Turn } from './turn.ts';
import type { Value } from './value.ts';

/** The step is done: `port` is taken with `output`. Where its scope is being stopped nothing follows. */
export const succeedStep = (turn: Turn, place: Place, output: Json, port: string | null = 'out'): void =>
  succeedWith(turn, place, { output }, port);

/** The same with a value that may be kept outside of the run. */
export const succeedWith = (turn: Turn, place: Place, value: Value, port: string | null = 'out'): void => {
  // The input has served its purpose; history and projection keep it.
  changeStep(turn, place, { status: 'succeeded', ...value }, [
    'input',
    'recipe',
    'output' in value ? 'large' : 'output',
    'failure',
    'dueAt',
    'loop',
    'child',
  ]);
  rememberDone(turn, place);
  renewEffects(turn, place);
  if (!isStopping(turn, place)) settleEdges(turn, place, port);
};

/**
 * The step cannot go on. In this order: an undo step, and an effect that may have happened, park; an error edge takes the failure; the
 * frame around the step that catches it does; then the policy of the step or the flow: park, fail the run, or continue
 * with null where null means something.
 */
export const failStep = (turn: Turn, place: Place, failure: Failure, attempts?: number): void => {
  const step = planStepAt(turn, place);
  // A step that failed before its first attempt, by an expression, has no number of attempts.
  const failed = { failure, ...(attempts !== undefined && { attempts }) };
  if (isStopping(turn, place)) {
    changeStep(turn, place, { status: 'failed', ...failed }, ['loop', 'child']);
    return;
  }
  if (failure.unsure || stepAt(turn, place).undoing) return parkStep(turn, place, failed);
  if (hasErrorEdge(turn, step)) {
    changeStep(turn, place, { status: 'failed', ...failed }, ['input', 'recipe', 'dueAt', 'loop', 'child']);
    return settleEdges(turn, place, 'error');
  }
  const catcher = catcherOf(turn, place, failure);
  if (catcher.type === 'frame') {
    changeStep(turn, place, { status: 'failed', ...failed }, ['dueAt', 'loop', 'child']);
    return failScope(turn, catcher.scope, failure);
  }
  const policy = policyOf(turn, step);
  // Whatever happens, what a `finally` tidies up is not left half done without anybody knowing.
  switch (catcher.type === 'cleanup' && policy === 'fail' ? 'park' : policy) {
    case 'park':
      return parkStep(turn, place, failed);
    case 'fail':
      changeStep(turn, place, { status: 'failed', ...failed }, ['loop', 'child']);
      return closeRun(turn, { status: 'failed', failure });
    case 'continue':
      if (!canGoOnWithNull(step)) return parkStep(turn, place, failed);
      changeStep(turn, place, { status: 'failed', ...failed, output: null }, [
        'input',
        'recipe',
        'dueAt',
        'loop',
        'child',
      ]);
      return settleEdges(turn, place, 'out');
  }
};

const hasErrorEdge = (turn: Turn, step: PlanStep): boolean =>
  step.outgoing.some((index) => turn.plan.edges[index]?.port === 'error');

const policyOf = (turn: Turn, step: PlanStep): OnFailure =>
  step.type === 'action' ? step.onFailure : turn.plan.settings.onFailure;

/** Null says neither which way to go nor what a variable holds: such a step parks rather than guess. */
const canGoOnWithNull = ({ type }: PlanStep): boolean =>
  !['condition', 'switch', 'setVariables', 'waitForEvent', 'approval', 'respond'].includes(type);

const parkStep = (turn: Turn, place: Place, failed: Pick<StepState, 'failure' | 'attempts'>): void => {
  const { ordinal } = changeStep(turn, place, { status: 'needs_attention', ...failed }, ['loop', 'child']);
  const dueAt = turn.at + toMilliseconds(turn.plan.settings.parkLimit);
  startTimer(turn, timerIdOf('park', place, ordinal), dueAt, `Time to repair: ${planStepAt(turn, place).title}`);
};

import type { ActionStep, Json } from '../../flow/plan.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep } from '../outcome.ts';
import { pathOf, type Place } from '../place.ts';
import { scopeAt } from '../scopes.ts';
import type { StepState } from '../state.ts';
import { changeStep, stepAt, type Turn } from '../turn.ts';
import type { Statement } from './statement.ts';

/** Runs as one activity. A repeat by a person keeps the input it had, and so the effect key's meaning. */
export const action: Statement<ActionStep> = {
  async begin(turn, place, step) {
    const { input: known, undoing } = stepAt(turn, place);
    if (known !== undefined) {
      turn.evaluators.push({ spent: 0, bytes: JSON.stringify(known).length });
      return scheduleStep(turn, place, step, known);
    }
    if (undoing?.failure) return failStep(turn, place, undoing.failure);
    const evaluated = await evaluatorFor(turn, place).evaluate(step.input, '');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    scheduleStep(turn, place, step, evaluated.value);
  },
  portFor: () => 'out',
  expected: 'any value',
};

const scheduleStep = (turn: Turn, place: Place, step: ActionStep, input: Json): void => {
  const { ordinal, generation, tries } = changeStep(turn, place, { status: 'running', input }, [
    'failure',
    'attempts',
    'dueAt',
  ]);
  const path = pathOf(place);
  turn.commands.push({
    type: 'scheduleActivity',
    path,
    ordinal,
    activityId: ordinal === 1 ? path : `${path}~${ordinal}`,
    title: step.title,
    activity: step.activity,
    options: remainingOptions(step.options, tries),
    // What a person asked for again, or what did not fit into the express lane, is a durable step.
    lane: ordinal === 1 && tries === undefined ? step.lane : 'durable',
    input,
    connectionId: step.connectionId,
    generation,
    ...(scopeAt(turn, place.scope).firstOrdinal === ordinal && { begunAgain: true }),
    ...(tries && { attemptsBefore: tries.made }),
  });
};

/** The policy with the attempts that are left of it, at least one. */
const remainingOptions = (options: ActionStep['options'], tries: StepState['tries']): ActionStep['options'] => {
  if (!tries) return options;
  const { retry } = options;
  const maximumAttempts = Math.max(1, retry.maximumAttempts - (tries.made - tries.free));
  return { ...options, retry: { ...retry, maximumAttempts } };
};

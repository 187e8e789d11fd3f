import type { EvaluationRequest } from '../../flow/expression/evaluation-request.ts';
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
    const { input, recipe, undoing } = stepAt(turn, place);
    const known = input === undefined ? recipe && { recipe } : { input };
    if (known) {
      spend(turn, known);
      return scheduleStep(turn, place, step, known);
    }
    if (undoing?.failure) return failStep(turn, place, undoing.failure);
    const evaluated = await evaluatorFor(turn, place).evaluateInput(step.input);
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    if ('input' in evaluated) return scheduleStep(turn, place, step, { input: evaluated.input });
    spend(turn, evaluated.recipe);
    scheduleStep(turn, place, step, { recipe: evaluated.recipe });
  },
  portFor: () => 'out',
  expected: 'any value',
};

/** What goes out with the activity counts, also where nothing was evaluated. */
const spend = (turn: Turn, given: object): void =>
  void turn.evaluators.push({ spent: 0, bytes: JSON.stringify(given).length });

type Given = { readonly input: Json } | { readonly recipe: EvaluationRequest };

const scheduleStep = (turn: Turn, place: Place, step: ActionStep, given: Given): void => {
  const { ordinal, generation, tries } = changeStep(turn, place, { status: 'running', ...given }, [
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
    ...('input' in given ? { input: given.input } : { input: null, evaluate: given.recipe }),
    ...(step.reads.length > 0 && { reads: step.reads }),
    connectionId: step.connectionId,
    ...(step.secrets && { secrets: step.secrets }),
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

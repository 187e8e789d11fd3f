import type { Json, RespondStep } from '../../flow/plan.ts';
import { toHttpAnswer } from '../../run/http-answer.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep, succeedStep } from '../outcome.ts';
import { pathOf } from '../place.ts';
import type { Statement } from './statement.ts';

/**
 * What the run says to the request that waits for it. The step's report carries the answer: whoever holds the request
 * reads it there, and nobody is waited for.
 */
export const respond: Statement<RespondStep> = {
  async begin(turn, place, { status, headers, body }) {
    const path = pathOf(place);
    // A frame that a person begins again comes by here once more; the caller has the first answer.
    if ((turn.state.responded ?? path) !== path) {
      const message = `The step ${turn.state.responded} has answered the caller already; an answer is given once.`;
      return failStep(turn, place, { name: 'already_responded', message });
    }
    const evaluator = evaluatorFor(turn, place);
    const given: { [field: string]: Json } = {};
    for (const [field, template] of Object.entries({ status, headers, body })) {
      const evaluated = await evaluator.evaluate(template, field);
      if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
      given[field] = evaluated.value;
    }
    const checked = toHttpAnswer(given);
    if (!checked.ok) {
      const advice = 'Correct the step and publish the flow. This run can go on if you complete or skip the step.';
      return failStep(turn, place, { name: 'response_invalid', message: checked.message, advice });
    }
    turn.state.responded = path;
    succeedStep(turn, place, { ...checked.answer });
  },
  portFor: (_step, output) => {
    if (typeof output !== 'object' || output === null || Array.isArray(output)) return null;
    return toHttpAnswer(output as { readonly [field: string]: Json }).ok ? 'out' : null;
  },
  expected: 'an object with a status from 200 to 599, headers and a body',
};

import type { EvaluationReply } from '@everwave/schema/expression';
import type { Json } from '@everwave/schema/flow';
import {
  type ActivityInput,
  type ActivityResult,
  type Failure,
  type ValueReference,
  valueLimits,
} from '@everwave/schema/run';
import { ApplicationFailure } from '@temporalio/common';
import { commonFailures } from './common-failures.ts';
import { evaluateHere } from './evaluate-here.ts';
import { keepValue } from './keep-output.ts';
import { CommonFailure } from './node-errors.ts';
import type { ActivityDependencies, ValueStore } from './ports.ts';

/** Of an activity's input: what is to be evaluated, and for whom. */
export type Evaluation = Pick<ActivityInput, 'orgId' | 'runId' | 'path' | 'ordinal' | 'evaluate'>;

/**
 * Evaluates for a control step what needs values that are kept outside of the run: a condition, a variable, the items of
 * a loop. Changes nothing, so it is tried again whatever goes wrong.
 */
export const createEvaluateActivity =
  ({ values }: Pick<ActivityDependencies, 'values'>) =>
  async (request: Evaluation): Promise<ActivityResult> => {
    const { orgId, runId, path, ordinal, evaluate } = request;
    if (!evaluate) throw ApplicationFailure.nonRetryable('There is nothing to evaluate.', 'invalid_input');
    try {
      if (evaluate.work.type === 'adopt') return await adopt(values, request, evaluate.work.reference);
      const reply = await evaluateHere(values, orgId, evaluate);
      if (!reply.ok || reply.value === undefined) return toResult(reply);
      const text = JSON.stringify(reply.value);
      if (Buffer.byteLength(text) <= (evaluate.inline ?? valueLimits.inline)) return toResult(reply);
      const name = 'field' in evaluate.work ? evaluate.work.field : 'output';
      const large = await keepValue(values, { orgId, runId, path, ordinal, name }, text);
      return { ...toResult({ ok: true }), large };
    } catch (error) {
      throw error instanceof CommonFailure ? toFailure(error) : error;
    }
  };

const adopt = async (
  values: ValueStore,
  { orgId, runId, path, ordinal }: Evaluation,
  reference: ValueReference,
): Promise<ActivityResult> => {
  if (await values.adopt({ orgId, runId, path, ordinal, name: 'output' }, reference.sha256)) {
    return { ...toResult({ ok: true }), large: { reference } };
  }
  throw new CommonFailure('value_missing', `The value ${reference.sha256} is not stored.`);
};

const toResult = (reply: EvaluationReply): ActivityResult => ({ output: reply as unknown as Json });

const toFailure = ({ failure: name, message }: CommonFailure): ApplicationFailure => {
  const { retryable, advice } = commonFailures[name];
  const details: Failure = { name, message, advice };
  return ApplicationFailure.create({ type: name, message, nonRetryable: !retryable, details: [details] });
};

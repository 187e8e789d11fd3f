import { evaluateRequest, type EvaluationReply, type EvaluationRequest } from '@everwave/schema/expression';
import type { Json } from '@everwave/schema/flow';
import { valueLimits } from '@everwave/schema/run';
import { CommonFailure } from './node-errors.ts';
import type { ValueStore } from './ports.ts';

/** Evaluates what needs values that are kept outside of the run: loads them, then does as the run itself would. */
export const evaluateHere = async (
  values: ValueStore,
  orgId: string,
  request: EvaluationRequest,
): Promise<EvaluationReply> => {
  const bytes = request.references.reduce((sum, reference) => sum + reference.bytes, 0);
  if (bytes > valueLimits.largest) {
    const message = `The values that are read here have ${bytes} bytes together; ${valueLimits.largest} are possible.`;
    throw new CommonFailure('value_too_large', message);
  }
  return evaluateRequest(request, async ({ sha256 }) => {
    const json = await values.find(orgId, sha256);
    if (!json) throw new CommonFailure('value_missing', `The value ${sha256} is not stored.`);
    return JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.length).toString('utf8')) as Json;
  });
};

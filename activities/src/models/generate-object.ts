import type { Json } from '@everwave/schema/flow';
import type * as z from 'zod';
import type { FailureOptions } from '../runtime/implement-node.ts';
import { compileJsonSchema, UnsupportedSchema, type Check } from '../runtime/json-schema.ts';
import { parseJson } from '../runtime/safe-json.ts';
import type { ChatMessage, JsonSchemaObject } from './chat-model.ts';
import { addUsage, roundUsd } from './cost.ts';
import { ask, chooseChatModel, type Answer, type ChatInput, type ChatStep, type ChatVendor } from './generation.ts';

interface ObjectStep extends Omit<ChatStep, 'failure'> {
  failure(
    name: Parameters<ChatStep['failure']>[0] | 'invalid_output' | 'truncated' | 'unsupported_schema',
    options?: FailureOptions,
  ): Error;
}

interface ObjectInput extends ChatInput {
  readonly schema: JsonSchemaObject;
}

type Reading =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reasons: readonly string[] };

/**
 * A reply that fits the author's JSON Schema. What the vendor does not enforce is checked here; a reply that does not fit
 * is sent back once, with the reasons. A paid first reply is kept, so that a later attempt goes on with its repair.
 */
export const generateObject = async (step: ObjectStep, vendor: ChatVendor, input: ObjectInput) => {
  const check = compile(step, input.schema);
  const messages: readonly ChatMessage[] = [{ role: 'user', text: input.prompt }];
  const first = await step.once('reply', () => askForObject(step, vendor, input, messages, 0));
  const reading = read(first.text, check);
  if (reading.ok) return toOutput(first, reading.value, null);

  step.log.info('reply does not fit the schema, asked to repair', {
    model: first.model,
    reasons: reading.reasons.length,
  });
  // Kept only when it fits: a person's retry asks for another repair and does not find this one.
  const repair = await step.once('repair', async () => {
    const turns = [...messages, ...correction(first.text, reading.reasons)];
    const answer = await askForObject(step, vendor, input, turns, first.costUsd ?? 0);
    const second = read(answer.text, check);
    if (second.ok) return { answer, object: second.value };
    throw step.failure('invalid_output', {
      message: `${answer.model} was asked twice, and its reply does not fit the schema: ${second.reasons.join('; ')}.`,
    });
  });
  return toOutput(first, repair.object, repair.answer);
};

const compile = (step: ObjectStep, schema: JsonSchemaObject): Check => {
  try {
    return compileJsonSchema(schema);
  } catch (error) {
    if (!(error instanceof UnsupportedSchema)) throw error;
    throw step.failure('unsupported_schema', { message: error.message, cause: error });
  }
};

const askForObject = async (
  step: ObjectStep,
  vendor: ChatVendor,
  input: ObjectInput,
  messages: readonly ChatMessage[],
  spentUsd: number,
): Promise<Answer> => {
  const sent = messages.reduce((sum, { text }) => sum + text.length, JSON.stringify(input.schema).length);
  const chosen = chooseChatModel(step, vendor, input, { extraCharacters: sent - input.prompt.length, spentUsd });
  const answer = await ask(step, vendor, chosen, {
    system: input.system ?? null,
    messages,
    temperature: input.temperature,
    effort: input.effort,
    schema: input.schema,
    enforceSchema: chosen.entry?.structuredOutput ?? true,
  });
  if (answer.finishReason === 'stop') return answer;
  throw step.failure('truncated', {
    message: `${answer.model} was cut short after ${answer.usage.outputTokens} tokens; half an object is none.`,
  });
};

const mostReasons = 10;

/** The reply as a value. Models like to fence JSON, however they are asked. */
const read = (text: string, check: Check): Reading => {
  const bare = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text;
  let value: Json;
  try {
    value = parseJson(bare);
  } catch (error) {
    return { ok: false, reasons: [`it is no JSON (${error instanceof Error ? error.message : String(error)})`] };
  }
  const reasons: string[] = [];
  check(value, '', reasons);
  return reasons.length === 0 ? { ok: true, value } : { ok: false, reasons: reasons.slice(0, mostReasons) };
};

const correction = (reply: string, reasons: readonly string[]): readonly ChatMessage[] => [
  // An empty message is no message to a vendor.
  { role: 'assistant', text: reply.trim() === '' ? '(empty)' : reply },
  {
    role: 'user',
    text: `This reply cannot be used:\n${reasons.map((reason) => `- ${reason}`).join('\n')}\nReply again with the corrected JSON value alone.`,
  },
];

const toOutput = (first: Answer, object: Json, repair: Answer | null) => {
  const last = repair ?? first;
  const costs = [first.costUsd, ...(repair ? [repair.costUsd] : [])];
  return {
    object: object as z.core.util.JSONType,
    repaired: repair !== null,
    model: last.model,
    modelReason: last.modelReason,
    usage: repair ? addUsage(first.usage, repair.usage) : first.usage,
    usageIsEstimated: Boolean(first.usageIsEstimated ?? repair?.usageIsEstimated),
    costUsd: costs.includes(null) ? null : roundUsd(costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0)),
  };
};

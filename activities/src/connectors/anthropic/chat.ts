import type { MessageCreateParamsStreaming, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { ChatModel, ChatReply, ChatRequest } from '../../models/chat-model.ts';
import { ModelProblem } from '../../models/chat-model.ts';
import type { Usage } from '../../models/cost.ts';
import { schemaInWords, toStrictSchema, withDemand } from '../../models/vendor-schema.ts';
import { ConnectionLost } from '../../runtime/node-errors.ts';
import type { Caller } from '../../runtime/rest-client.ts';
import { createAnthropicClient, explainAnthropicError, type AnthropicConnection } from './client.ts';

/** The Messages API. */
export const createAnthropicChat = (
  caller: Caller & { heartbeat(): void },
  connection: AnthropicConnection,
): ChatModel => ({
  async reply(request) {
    const client = await createAnthropicClient(caller, connection);
    const heard: Heard = { model: request.model, text: '', stopReason: null, explanation: null, usage: null };
    try {
      const stream = await client.messages.create(toParams(request), { signal: caller.signal });
      for await (const event of stream) {
        caller.heartbeat();
        hear(heard, event);
      }
    } catch (error) {
      throw await explainAnthropicError(error, heard.usage);
    }
    caller.signal.throwIfAborted();
    return finish(heard);
  },
});

interface Heard {
  model: string;
  text: string;
  stopReason: string | null;
  explanation: string | null;
  usage: Usage | null;
}

const hear = (heard: Heard, event: RawMessageStreamEvent): void => {
  if (event.type === 'message_start') {
    heard.model = event.message.model;
    heard.usage = toUsage(event.message.usage, heard.usage);
  } else if (event.type === 'content_block_delta') {
    // Thinking is not part of the answer.
    if (event.delta.type === 'text_delta') heard.text += event.delta.text;
  } else if (event.type === 'message_delta') {
    heard.stopReason = event.delta.stop_reason ?? heard.stopReason;
    heard.explanation = event.delta.stop_details?.explanation ?? heard.explanation;
    heard.usage = toUsage(event.usage, heard.usage);
  }
};

interface VendorUsage {
  readonly input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly output_tokens?: number | null;
}

/** Anthropic counts cached input apart; we count all input, and its cached part. What is written to the cache is billed as input. */
const toUsage = (usage: VendorUsage, before: Usage | null): Usage => {
  const outputTokens = usage.output_tokens ?? before?.outputTokens ?? 0;
  if (usage.input_tokens === null || usage.input_tokens === undefined) {
    return { inputTokens: 0, cachedInputTokens: 0, ...before, outputTokens };
  }
  const cachedInputTokens = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  return { inputTokens: usage.input_tokens + cachedInputTokens + written, cachedInputTokens, outputTokens };
};

const finish = ({ model, text, stopReason, explanation, usage }: Heard): ChatReply => {
  if (stopReason === 'refusal') {
    throw new ModelProblem('refused', `The model declined: ${explanation ?? (text || 'it gives no reason.')}`, {
      usage,
    });
  }
  if (stopReason === null || usage === null) {
    throw new ConnectionLost('Anthropic ended its reply before it was complete.');
  }
  const isCut = stopReason === 'max_tokens' || stopReason === 'model_context_window_exceeded';
  return { model, text, finishReason: isCut ? 'length' : 'stop', usage };
};

const toParams = (request: ChatRequest): MessageCreateParamsStreaming => {
  const { schema, system: given, effort, temperature } = request;
  const strict = schema && request.enforceSchema !== false ? toStrictSchema(schema) : null;
  const system = schema && (!strict || strict.isLooser) ? withDemand(given, schemaInWords(schema)) : given;
  const format = strict ? { format: { type: 'json_schema' as const, schema: strict.schema } } : {};
  return {
    model: request.model,
    max_tokens: request.maxOutputTokens,
    messages: request.messages.map(({ role, text }) => ({ role, content: text })),
    ...(system === null ? {} : { system }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(strict || effort ? { output_config: { ...format, ...(effort && effort !== 'none' ? { effort } : {}) } } : {}),
    stream: true,
  };
};

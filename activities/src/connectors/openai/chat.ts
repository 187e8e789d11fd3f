import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { ChatModel, ChatReply, ChatRequest } from '../../models/chat-model.ts';
import { ModelProblem } from '../../models/chat-model.ts';
import { estimateTokens, type Usage } from '../../models/cost.ts';
import { schemaInWords, toStrictSchema, withDemand } from '../../models/vendor-schema.ts';
import { ConnectionLost } from '../../runtime/node-errors.ts';
import type { Caller } from '../../runtime/rest-client.ts';
import { createOpenAiClient, explainOpenAiError, type OpenAiConnection } from './client.ts';

/** Chat Completions: what OpenAI and every server that speaks its API have in common. */
export const createOpenAiChat = (caller: Caller & { heartbeat(): void }, connection: OpenAiConnection): ChatModel => ({
  async reply(request) {
    const client = await createOpenAiClient(caller, connection);
    const heard: Heard = { model: request.model, text: '', refusal: '', finish: null, usage: null };
    try {
      const stream = await client.chat.completions.create(toParams(request, connection), { signal: caller.signal });
      for await (const chunk of stream) {
        caller.heartbeat();
        hear(heard, chunk);
      }
    } catch (error) {
      throw await explainOpenAiError(error, heard.usage);
    }
    caller.signal.throwIfAborted();
    return finish(heard, request);
  },
});

interface Heard {
  model: string;
  text: string;
  refusal: string;
  finish: string | null;
  usage: Usage | null;
}

/** Of a chunk only what we use: servers differ in the rest. */
interface Chunk {
  readonly model?: string | null;
  readonly choices?:
    | readonly {
        readonly delta?: { readonly content?: string | null; readonly refusal?: string | null } | null;
        readonly finish_reason?: string | null;
      }[]
    | null;
  readonly usage?: {
    readonly prompt_tokens?: number | null;
    readonly completion_tokens?: number | null;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
  } | null;
}

const hear = (heard: Heard, { model, choices, usage }: Chunk): void => {
  if (model) heard.model = model;
  const choice = choices?.[0];
  heard.text += choice?.delta?.content ?? '';
  heard.refusal += choice?.delta?.refusal ?? '';
  heard.finish = choice?.finish_reason ?? heard.finish;
  if (!usage) return;
  heard.usage = {
    inputTokens: usage.prompt_tokens ?? 0,
    cachedInputTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage.completion_tokens ?? 0,
  };
};

const finish = ({ model, text, refusal, finish: reason, usage }: Heard, request: ChatRequest): ChatReply => {
  if (refusal !== '') throw new ModelProblem('refused', `The model declined: ${refusal}`, { usage });
  if (reason === 'content_filter') {
    throw new ModelProblem('refused', 'The vendor’s content filter stopped the reply.', { usage });
  }
  if (reason === null) throw new ConnectionLost('The model server ended its reply before it was complete.');
  return {
    model,
    text,
    finishReason: reason === 'length' ? 'length' : 'stop',
    usage: usage ?? estimateUsage(request, text),
    ...(usage ? {} : { usageIsEstimated: true as const }),
  };
};

/** For servers that do not count. */
const estimateUsage = ({ system, messages }: ChatRequest, text: string): Usage => ({
  inputTokens: estimateTokens(messages.reduce((sum, message) => sum + message.text.length, system?.length ?? 0)),
  cachedInputTokens: 0,
  outputTokens: estimateTokens(text.length),
});

const toParams = (request: ChatRequest, { settings }: OpenAiConnection): ChatCompletionCreateParamsStreaming => {
  const { format, system } = toFormat(request, settings.structuredOutput);
  return {
    model: request.model,
    messages: [
      ...(system === null ? [] : [{ role: 'system' as const, content: system }]),
      ...request.messages.map(({ role, text }) => ({ role, content: text })),
    ],
    [settings.tokenLimitField]: request.maxOutputTokens,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.effort === undefined ? {} : { reasoning_effort: request.effort }),
    ...format,
    stream: true,
    stream_options: { include_usage: true },
  };
};

type Format = Pick<ChatCompletionCreateParamsStreaming, 'response_format'>;

const toFormat = (
  { schema, enforceSchema, system }: ChatRequest,
  way: OpenAiConnection['settings']['structuredOutput'],
): { readonly format: Format; readonly system: string | null } => {
  if (!schema) return { format: {}, system };
  const inWords = withDemand(system, schemaInWords(schema));
  if (way === 'none' || enforceSchema === false) return { format: {}, system: inWords };
  if (way === 'json_object') return { format: { response_format: { type: 'json_object' } }, system: inWords };
  const strict = toStrictSchema(schema);
  const isStrict = strict?.requiresAll ?? false;
  const json_schema = { name: 'reply', schema: strict && isStrict ? strict.schema : schema, strict: isStrict };
  return {
    format: { response_format: { type: 'json_schema', json_schema } },
    system: isStrict && !strict?.isLooser ? system : inWords,
  };
};

import { Hono, type Context } from 'hono';
import * as z from 'zod';
import { answerWithEvents, type StreamEvent } from '../../fakes/event-stream.ts';
import { createFaults, type Faults } from '../../fakes/faults.ts';
import { addModelRoutes, keepCall, type ModelCall } from '../../fakes/model-routes.ts';
import {
  answerTo,
  countTokens,
  createModelScript,
  piecesOf,
  valueFor,
  type ModelScript,
} from '../../fakes/model-script.ts';
import { serveFake, type FakeAddress, type FakeEnvironment, type RunningFake } from '../../fakes/serve-fake.ts';

/** The key the fake accepts. */
export const fakeAnthropicKey = 'sk-ant-everwave-demo-9d2f41b6';

export interface AnthropicFake extends RunningFake {
  readonly faults: Faults;
  readonly calls: ModelCall[];
  readonly script: ModelScript;
  /** Forgets everything. */
  reset(): void;
}

interface FakeModel {
  readonly contextTokens: number;
  readonly temperature: boolean;
}

/** `claude-tiny` is for tests of limits. */
const models: Readonly<Record<string, FakeModel>> = {
  'claude-haiku-5-5': { contextTokens: 1_000_000, temperature: false },
  'claude-sonnet-5-5': { contextTokens: 1_000_000, temperature: false },
  'claude-opus-5-5': { contextTokens: 1_000_000, temperature: false },
  'claude-haiku-4-5': { contextTokens: 200_000, temperature: true },
  'claude-tiny': { contextTokens: 64, temperature: true },
};

const requestSchema = z.looseObject({
  model: z.string(),
  max_tokens: z.int().min(1),
  system: z.string().optional(),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant']), content: z.string().min(1) })).min(1),
  temperature: z.number().min(0).max(1).optional(),
  output_config: z
    .looseObject({
      effort: z.string().optional(),
      format: z.looseObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).optional(),
    })
    .optional(),
  stream: z.boolean().optional(),
});

const problem = (context: Context<FakeEnvironment>, status: 400 | 401 | 404, type: string, message: string) =>
  context.json({ type: 'error', error: { type, message }, request_id: 'req_demo' }, status);

/** Anthropic refuses schemas that leave an object open or constrain a value. */
const refusedKeyword = (schema: unknown): string | null => {
  if (schema === null || typeof schema !== 'object') return null;
  const record = schema as Readonly<Record<string, unknown>>;
  if (record['type'] === 'object' && record['additionalProperties'] !== false) return 'additionalProperties';
  const refused = ['minimum', 'maximum', 'minLength', 'maxLength', 'oneOf', 'not'].find((keyword) => keyword in record);
  return refused ?? Object.values(record).map(refusedKeyword).find(Boolean) ?? null;
};

/**
 * Anthropic's Messages API as far as the nodes use it, streaming included: shapes from
 * https://platform.claude.com/docs/en/api and the client library's types (read 2026-11-21).
 */
export const startAnthropicFake = async (address: FakeAddress = {}): Promise<AnthropicFake> => {
  const faults = createFaults();
  const script = createModelScript();
  const calls: ModelCall[] = [];
  const app = new Hono<FakeEnvironment>();
  app.use(faults.middleware);
  app.use('/v1/*', async (context, next) => {
    if (context.req.header('authorization') !== `Bearer ${fakeAnthropicKey}`) {
      return problem(context, 401, 'authentication_error', 'invalid api key');
    }
    if (context.req.header('anthropic-version')) return next();
    return problem(context, 400, 'invalid_request_error', 'anthropic-version: header is required');
  });

  app.get('/v1/models', (context) =>
    context.json({ data: Object.keys(models).map((id) => ({ type: 'model', id })), has_more: false }),
  );

  app.post('/v1/messages', async (context) => {
    const call = keepCall(calls, {
      at: new Date().toISOString(),
      path: context.req.path,
      headers: context.req.header(),
      body: (await context.req.json()) as Record<string, unknown>,
      prompt: '',
      answer: '',
    });
    const parsed = requestSchema.safeParse(call.body);
    if (!parsed.success) return problem(context, 400, 'invalid_request_error', z.prettifyError(parsed.error));
    const request = parsed.data;
    const model = models[request.model];
    if (!model) return problem(context, 404, 'not_found_error', `model: ${request.model}`);
    if (request.temperature !== undefined && !model.temperature) {
      return problem(context, 400, 'invalid_request_error', '`temperature` is not supported for this model.');
    }
    const schema = request.output_config?.format?.schema;
    const keyword = schema && refusedKeyword(schema);
    if (keyword) {
      return problem(
        context,
        400,
        'invalid_request_error',
        `output_config.format.schema: ${keyword} is not supported.`,
      );
    }
    const inputTokens = countTokens(
      [request.system ?? '', ...request.messages.map(({ content }) => content)].join('\n'),
    );
    if (inputTokens > model.contextTokens) {
      const message = `prompt is too long: ${inputTokens} tokens > ${model.contextTokens} maximum`;
      return problem(context, 400, 'invalid_request_error', message);
    }

    const plan = script.next();
    if (plan.retryAfter !== undefined) {
      const error = { type: 'rate_limit_error', message: 'Rate limit reached.' };
      return context.json({ type: 'error', error }, 429, { 'retry-after': plan.retryAfter });
    }
    const prompt = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const whole = plan.text ?? (schema ? JSON.stringify(valueFor(schema, prompt)) : answerTo(prompt));
    const isCut = plan.truncated || countTokens(whole) > request.max_tokens;
    const text = plan.refusal !== undefined ? '' : isCut ? whole.slice(0, request.max_tokens * 2) : whole;
    const outputTokens = countTokens(text);
    const cached = Math.min(plan.cachedTokens, inputTokens - 1);
    call.prompt = prompt;
    call.answer = plan.refusal ?? text;

    const stopReason = plan.refusal !== undefined ? 'refusal' : isCut ? 'max_tokens' : 'end_turn';
    const stopDetails =
      plan.refusal === undefined ? null : { type: 'refusal', category: 'general_harms', explanation: plan.refusal };
    const usage = {
      input_tokens: inputTokens - cached,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: cached,
      output_tokens: 1,
    };
    const message = {
      id: `msg_demo_${calls.length}`,
      type: 'message',
      role: 'assistant',
      model: `${request.model}-demo`,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage,
    };
    if (!request.stream) {
      return context.json({
        ...message,
        content: [{ type: 'text', text }],
        stop_reason: stopReason,
        stop_details: stopDetails,
        usage: { ...usage, output_tokens: outputTokens },
      });
    }
    const event = (type: string, fields: object = {}): StreamEvent => ({
      event: type,
      data: JSON.stringify({ type, ...fields }),
    });
    const end = plan.withoutEnd
      ? []
      : [
          event('content_block_stop', { index: 0 }),
          event('message_delta', {
            delta: { stop_reason: stopReason, stop_sequence: null, stop_details: stopDetails },
            usage: { output_tokens: outputTokens },
          }),
          event('message_stop'),
        ];
    return answerWithEvents(
      context,
      [
        event('message_start', { message }),
        event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
        event('ping'),
        ...(plan.garbled ? [{ event: 'content_block_delta', data: '{"type": "content' }] : []),
        ...piecesOf(text).map((piece) =>
          event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece } }),
        ),
        ...(plan.errorType === undefined
          ? end
          : [event('error', { error: { type: plan.errorType, message: 'The server had an error.' } })]),
      ],
      { delayMs: plan.pieceDelayMs, breakAfter: plan.breakAfter },
    );
  });
  app.all('/v1/*', (context) => problem(context, 404, 'not_found_error', `No such path: ${context.req.path}.`));
  addModelRoutes(app, { title: 'Anthropic', calls, faults, script });

  const reset = () => {
    faults.clear();
    script.clear();
    calls.length = 0;
  };
  return { ...(await serveFake(app, address)), faults, calls, script, reset };
};

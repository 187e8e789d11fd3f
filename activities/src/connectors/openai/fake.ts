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
  vectorOf,
  type ModelScript,
} from '../../fakes/model-script.ts';
import { serveFake, type FakeAddress, type FakeEnvironment, type RunningFake } from '../../fakes/serve-fake.ts';

/** The key the fake accepts. */
export const fakeOpenAiKey = 'sk-everwave-demo-51c0a7e3';

export interface OpenAiFake extends RunningFake {
  readonly faults: Faults;
  readonly calls: ModelCall[];
  readonly script: ModelScript;
  /** Forgets everything. */
  reset(): void;
}

/** Models and how many tokens they read. `tiny` is for tests of limits. */
const models: Readonly<Record<string, number>> = {
  'gpt-6-luna': 1_050_000,
  'gpt-6.1-terra': 1_050_000,
  'gpt-6.1-sol': 1_050_000,
  'gpt-4.1': 1_047_576,
  'gpt-4.1-mini': 1_047_576,
  'tiny-local': 64,
};
const embeddings: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1536,
  'text-embedding-3-large': 3072,
};

const chatSchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).min(1),
  max_completion_tokens: z.int().optional(),
  max_tokens: z.int().optional(),
  temperature: z.number().min(0).max(2).optional(),
  reasoning_effort: z.string().optional(),
  response_format: z
    .looseObject({
      type: z.string(),
      json_schema: z
        .looseObject({ schema: z.record(z.string(), z.unknown()), strict: z.boolean().nullish() })
        .optional(),
    })
    .optional(),
  stream: z.boolean().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).optional(),
});

const embeddingSchema = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string())]),
  dimensions: z.int().min(1).optional(),
  encoding_format: z.enum(['float', 'base64']).default('float'),
});

const problem = (context: Context<FakeEnvironment>, status: 400 | 401 | 404, code: string, message: string) =>
  context.json({ error: { message, type: 'invalid_request_error', param: null, code } }, status);

/**
 * OpenAI's API as far as the nodes use it, streaming included: shapes from https://developers.openai.com/api/reference
 * and the client library's types (read 2026-11-21).
 */
export const startOpenAiFake = async (address: FakeAddress = {}): Promise<OpenAiFake> => {
  const faults = createFaults();
  const script = createModelScript();
  const calls: ModelCall[] = [];
  const app = new Hono<FakeEnvironment>();
  app.use(faults.middleware);
  app.use('/v1/*', async (context, next) => {
    if (context.req.header('authorization') === `Bearer ${fakeOpenAiKey}`) return next();
    return problem(context, 401, 'invalid_api_key', 'Incorrect API key provided.');
  });

  app.get('/v1/models', (context) =>
    context.json({
      object: 'list',
      data: [...Object.keys(models), ...Object.keys(embeddings)].map((id) => ({
        id,
        object: 'model',
        owned_by: 'demo',
      })),
    }),
  );

  const receive = async (context: Context<FakeEnvironment>): Promise<ModelCall> =>
    keepCall(calls, {
      at: new Date().toISOString(),
      path: context.req.path,
      headers: context.req.header(),
      body: (await context.req.json()) as Record<string, unknown>,
      prompt: '',
      answer: '',
    });

  app.post('/v1/chat/completions', async (context) => {
    const call = await receive(context);
    const parsed = chatSchema.safeParse(call.body);
    if (!parsed.success) return problem(context, 400, 'invalid_type', z.prettifyError(parsed.error));
    const request = parsed.data;
    const size = models[request.model];
    if (size === undefined) {
      return problem(context, 404, 'model_not_found', `The model '${request.model}' does not exist.`);
    }
    const prompt = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const promptTokens = countTokens(request.messages.map(({ content }) => content).join('\n'));
    if (promptTokens > size) {
      const message = `This model's maximum context length is ${size} tokens, but your messages have ${promptTokens}.`;
      return problem(context, 400, 'context_length_exceeded', message);
    }
    const plan = script.next();
    if (plan.retryAfter !== undefined) {
      const error = { message: 'Rate limit reached.', type: 'requests', param: null, code: 'rate_limit_exceeded' };
      return context.json({ error }, 429, { 'retry-after': plan.retryAfter });
    }
    const schema = request.response_format?.json_schema?.schema;
    const byItself = schema ? JSON.stringify(valueFor(schema, prompt)) : answerTo(prompt);
    const limit = request.max_completion_tokens ?? request.max_tokens;
    const whole = plan.text ?? byItself;
    const isCut = plan.truncated || (limit !== undefined && countTokens(whole) > limit);
    const text = plan.refusal !== undefined ? '' : isCut ? whole.slice(0, Math.ceil((limit ?? 4) * 4 * 0.5)) : whole;
    call.prompt = prompt;
    call.answer = plan.refusal ?? text;

    const head = { id: `chatcmpl-${calls.length}`, object: 'chat.completion.chunk', created: 1_763_700_000 };
    const chunk = (delta: object, finish: string | null = null): StreamEvent => ({
      data: JSON.stringify({
        ...head,
        model: `${request.model}-demo`,
        choices: [{ index: 0, delta, finish_reason: finish }],
      }),
    });
    const completion = countTokens(plan.refusal ?? text);
    const usage = {
      prompt_tokens: promptTokens,
      completion_tokens: completion,
      total_tokens: promptTokens + completion,
      prompt_tokens_details: { cached_tokens: Math.min(plan.cachedTokens, promptTokens) },
    };
    const pieces =
      plan.refusal === undefined
        ? piecesOf(text).map((content) => chunk({ content }))
        : piecesOf(plan.refusal).map((refusal) => chunk({ refusal }));
    const wantsUsage = request.stream_options?.include_usage === true && !plan.withoutUsage;
    const end = plan.withoutEnd
      ? []
      : [
          chunk({}, isCut ? 'length' : 'stop'),
          ...(wantsUsage
            ? [{ data: JSON.stringify({ ...head, model: `${request.model}-demo`, choices: [], usage }) }]
            : []),
          { data: '[DONE]' },
        ];
    const events = [
      chunk({ role: 'assistant', content: '' }),
      ...(plan.garbled ? [{ data: '{"id": "chatcmpl' }] : []),
      ...pieces,
      ...(plan.errorType === undefined
        ? end
        : [{ data: JSON.stringify({ error: { type: plan.errorType, message: 'The server had an error.' } }) }]),
    ];
    if (request.stream)
      return answerWithEvents(context, events, { delayMs: plan.pieceDelayMs, breakAfter: plan.breakAfter });
    return context.json({
      ...head,
      object: 'chat.completion',
      model: `${request.model}-demo`,
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: isCut ? 'length' : 'stop' }],
      usage,
    });
  });

  app.post('/v1/embeddings', async (context) => {
    const call = await receive(context);
    const parsed = embeddingSchema.safeParse(call.body);
    if (!parsed.success) return problem(context, 400, 'invalid_type', z.prettifyError(parsed.error));
    const { model, input, dimensions, encoding_format } = parsed.data;
    const most = embeddings[model];
    if (most === undefined) return problem(context, 404, 'model_not_found', `The model '${model}' does not exist.`);
    if (dimensions !== undefined && dimensions > most) {
      return problem(context, 400, 'invalid_value', `Invalid value for 'dimensions': must be at most ${most}.`);
    }
    const texts = [input].flat();
    if (texts.some((text) => countTokens(text) > 8192)) {
      const message = "This model's maximum context length is 8192 tokens. Please reduce the length of the input.";
      return problem(context, 400, 'context_length_exceeded', message);
    }
    const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
    call.prompt = texts.join('\n');
    call.answer = `${texts.length} vectors`;
    const data = texts.map((text, index) => {
      const vector = vectorOf(text, dimensions ?? most);
      const bytes = Buffer.from(Float32Array.from(vector).buffer);
      return {
        object: 'embedding',
        index,
        embedding: encoding_format === 'base64' ? bytes.toString('base64') : vector,
      };
    });
    return context.json({ object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } });
  });
  app.all('/v1/*', (context) => problem(context, 404, 'unknown_url', `Unknown request URL: ${context.req.path}.`));
  addModelRoutes(app, { title: 'OpenAI', calls, faults, script });

  const reset = () => {
    faults.clear();
    script.clear();
    calls.length = 0;
  };
  return { ...(await serveFake(app, address)), faults, calls, script, reset };
};

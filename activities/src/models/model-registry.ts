import * as z from 'zod';
import { parseDocument } from 'yaml';

const usd = z.number({ error: 'Write a price in US dollars per million tokens.' }).min(0);
const tokens = z.int({ error: 'Write a whole number of tokens.' }).min(1);
const id = z.string().min(1).max(200);

const rates = {
  input: usd,
  /** Absent: cached input costs what input costs. */
  cachedInput: usd.optional(),
  /** Absent: the model writes nothing (embeddings). */
  output: usd.default(0),
};

const priceSchema = z.strictObject({
  validFrom: z.iso.date({ error: 'Write a day such as 2026-11-21.' }),
  ...rates,
  /** Other rates for the whole call when its prompt is longer than `over` tokens. */
  longPrompt: z.strictObject({ over: tokens, ...rates }).optional(),
});

const shared = {
  id,
  provider: z.enum(['openai', 'anthropic']),
  contextTokens: tokens.optional(),
  prices: z.array(priceSchema).min(1, 'Give at least one price; a model of your own costs 0.'),
};

const modelSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...shared,
    kind: z.literal('chat'),
    maxOutputTokens: tokens.optional(),
    temperature: z.enum(['always', 'without-reasoning', 'never']).default('always'),
    /** True: the vendor holds the reply to a JSON Schema. False: the model is only asked to. */
    structuredOutput: z.boolean().default(true),
  }),
  z.strictObject({ ...shared, kind: z.literal('embedding'), dimensions: z.int().min(1) }),
]);

const fileSchema = z.strictObject({
  defaults: z.strictObject({
    chat: z.strictObject({ openai: id, anthropic: id }),
    embedding: z.strictObject({ openai: id }),
    maxOutputTokens: tokens,
  }),
  models: z.array(modelSchema).min(1),
});

export type Price = z.output<typeof priceSchema>;
export type Model = z.output<typeof modelSchema>;
export type ChatModelEntry = Extract<Model, { kind: 'chat' }>;
export type EmbeddingModelEntry = Extract<Model, { kind: 'embedding' }>;
export type Provider = Model['provider'];
export type Defaults = z.output<typeof fileSchema>['defaults'];

/** What the models file says. A model that is not in it can be used; nothing is known about it, its price least of all. */
export interface ModelRegistry {
  readonly defaults: Defaults;
  readonly models: readonly Model[];
}

/** Throws an `Error` whose message names the file and everything in it that is wrong. */
export const parseModelRegistry = (text: string, file: string): ModelRegistry => {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw wrongFile(file, [fault.message.split('\n')[0] ?? fault.message]);
  const parsed = fileSchema.safeParse(document.toJS());
  if (!parsed.success) {
    throw wrongFile(
      file,
      parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`),
    );
  }
  const problems = contradictionsIn(parsed.data);
  if (problems.length > 0) throw wrongFile(file, problems);
  return parsed.data;
};

export const findModel = <Kind extends Model['kind']>(
  { models }: ModelRegistry,
  { provider, kind, id: wanted }: { readonly provider: Provider; readonly kind: Kind; readonly id: string },
): Extract<Model, { kind: Kind }> | null =>
  models.find(
    (model): model is Extract<Model, { kind: Kind }> =>
      model.id === wanted && model.provider === provider && model.kind === kind,
  ) ?? null;

/** Prices that held at a moment: the entry with the latest `validFrom` that has begun. `null` before the first. */
export const priceAt = ({ prices }: Model, now: number): Price | null => {
  const today = new Date(now).toISOString().slice(0, 10);
  const begun = prices.filter(({ validFrom }) => validFrom <= today);
  return begun.toSorted((one, other) => (one.validFrom < other.validFrom ? 1 : -1))[0] ?? null;
};

const contradictionsIn = ({ defaults, models }: ModelRegistry): string[] => {
  const problems: string[] = [];
  const keyOf = ({ provider, kind, id: name }: Model) => `${provider} ${kind} ${name}`;
  for (const [index, model] of models.entries()) {
    if (models.findIndex((other) => keyOf(other) === keyOf(model)) < index) {
      problems.push(`models.${index}: ${model.id} stands there twice.`);
    }
    const days = model.prices.map(({ validFrom }) => validFrom);
    if (new Set(days).size < days.length) problems.push(`models.${index}.prices: two prices begin on the same day.`);
  }
  for (const kind of ['chat', 'embedding'] as const) {
    for (const [provider, name] of Object.entries(defaults[kind]) as [Provider, string][]) {
      if (findModel({ defaults, models }, { provider, kind, id: name })) continue;
      problems.push(`defaults.${kind}.${provider}: ${name} is not among the ${kind} models of ${provider}.`);
    }
  }
  return problems;
};

const wrongFile = (file: string, problems: readonly string[]): Error =>
  new Error(
    `The models file ${file} is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}\nCorrect it, or unset EVERWAVE_MODELS_FILE to use the one that comes with Everwave.`,
  );

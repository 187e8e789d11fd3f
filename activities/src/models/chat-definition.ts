import * as z from 'zod';

/** What every node that generates text has in common: fields, failures, policy, meters. Data alone. */
export const chatFields = {
  model: z.string().min(1).max(200).optional().meta({
    title: 'Model',
    description: 'Empty: the connection’s default, else the one of the models file.',
  }),
  system: z.string().max(500_000).optional().meta({
    title: 'Instructions',
    description: 'Who the model is and how it should answer. Stays apart from the prompt.',
    widget: 'template',
  }),
  prompt: z.string().min(1).max(900_000).meta({ title: 'Prompt', widget: 'template' }),
  temperature: z.number().min(0).max(2).optional().meta({
    title: 'Temperature',
    description: '0: always the likeliest word. Not every model takes one; docs/models.md says which.',
  }),
  maxTokens: z.int().min(1).max(1_000_000).optional().meta({
    title: 'Most tokens of the reply',
    description: 'Reasoning counts too. Empty: the default of the models file.',
  }),
  maxCostUsd: z.number().positive().max(10_000).optional().meta({
    title: 'Cost cap in USD',
    description: 'Estimated before anything is sent: prompt length / 3.6, plus the most tokens of the reply.',
  }),
  cheaperModel: z.string().min(1).max(200).optional().meta({
    title: 'Cheaper model',
    description: 'Answers when the first one would be over the cap. Empty: the step fails instead.',
  }),
};

export const objectFields = {
  ...chatFields,
  schema: z.record(z.string(), z.json()).meta({
    title: 'JSON Schema of the answer',
    description: '2020-12, without references. Describe the fields: the model reads it.',
    widget: 'json',
  }),
};

export const usageSchema = z.strictObject({
  inputTokens: z.int().meta({ title: 'Tokens in' }),
  cachedInputTokens: z.int().meta({ title: 'Of these, cached' }),
  outputTokens: z.int().meta({ title: 'Tokens out' }),
});

export const answerFields = {
  model: z.string().meta({ title: 'Model', description: 'The one that answered, as its vendor names it.' }),
  modelReason: z.string().meta({ title: 'Why this model' }),
  usage: usageSchema.meta({ title: 'Usage' }),
  usageIsEstimated: z.boolean().default(false).meta({ title: 'The server did not count, so we did' }),
  costUsd: z.number().nullable().meta({ title: 'Cost in USD', description: 'Estimated by the models file’s prices.' }),
};

export const textAnswerFields = {
  text: z.string().meta({ title: 'Text' }),
  finishReason: z.enum(['stop', 'length']).meta({
    title: 'Why it ended',
    description: 'stop: it was done. length: the token limit cut it short.',
  }),
  ...answerFields,
};

export const objectAnswerFields = {
  object: z.json().meta({ title: 'Answer' }),
  repaired: z.boolean().meta({ title: 'Fitted only at the second try' }),
  ...answerFields,
};

/** What a call to a model can end with, whatever it was asked for. */
export const modelFailures = {
  context_too_long:
    'The prompt is longer than the model can read. Shorten it, or choose a model with a larger context.',
  credential_refused:
    'The vendor does not accept the key, or it may not use this model. Correct the connection, then retry.',
  unknown_model:
    'The vendor has no such model, or not for this key. Choose another; docs/models.md lists the known ones.',
  quota_exhausted:
    'The account is out of money or over its spending limit. Waiting does not help: top it up, then retry.',
  invalid_request: 'The vendor refused a setting. The message says which; correct it.',
  price_unknown: 'Add the model with its price to the models file (docs/models.md), or take the cap away.',
  cost_cap_exceeded: 'Raise the cap, shorten the prompt, allow fewer tokens, or name a cheaper model.',
  overloaded: 'The vendor is overloaded. It is tried again.',
  provider_error: 'The vendor failed. It is tried again; if it stays, look at its status page.',
} as const;

export const chatFailures = {
  refused: 'The model declined; its reason is in the message. Change the prompt, or choose another model.',
  unsupported_setting:
    'The message says which setting the model does not take. Leave it empty, or choose another model.',
  ...modelFailures,
} as const;

export const objectFailures = {
  ...chatFailures,
  invalid_output:
    'The model was asked twice and did not keep to the schema. Simplify it, describe its fields, or choose a stronger model.',
  truncated: 'The token limit cut the answer short. Allow more tokens; reasoning counts too.',
  unsupported_schema: 'The message names the place in the schema. Write it another way.',
} as const;

export const finalModelFailures = [
  'context_too_long',
  'credential_refused',
  'unknown_model',
  'quota_exhausted',
  'invalid_request',
  'price_unknown',
  'cost_cap_exceeded',
] as const;

export const finalChatFailures = ['refused', 'unsupported_setting', ...finalModelFailures] as const;

export const finalObjectFailures = [...finalChatFailures, 'invalid_output', 'truncated', 'unsupported_schema'] as const;

/** Long enough for a model that reasons; a heartbeat tells of a dead worker within half a minute. */
export const modelTimes = {
  startToCloseTimeout: '10m',
  scheduleToCloseTimeout: '2h',
  heartbeatTimeout: '30s',
} as const;

export const modelRetry = { initialInterval: '2s', maximumInterval: '2m', maximumAttempts: 6 } as const;

export const modelMeters = {
  inputTokens: { unit: 'token' },
  cachedInputTokens: { unit: 'token' },
  outputTokens: { unit: 'token' },
  costUsd: { unit: 'USD' },
} as const;

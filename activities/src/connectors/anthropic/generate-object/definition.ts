import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';
import {
  answerFields,
  chatFailures,
  chatFields,
  finalChatFailures,
  modelMeters,
  modelRetry,
  modelTimes,
} from '../../../models/chat-definition.ts';
import { anthropicApi } from '../credential.ts';

export const anthropicGenerateObject = defineNode({
  kind: 'anthropic.generateObject',
  version: 1,
  title: 'Generate data with Claude',
  summary: 'Answers a prompt with a value that fits your JSON Schema, asking once more when it does not.',
  effect: 'spends',
  credential: anthropicApi,
  input: z.strictObject({
    ...chatFields,
    schema: z.record(z.string(), z.json()).meta({
      title: 'JSON Schema of the answer',
      description: '2020-12, without references. Describe the fields: the model reads it.',
      widget: 'json',
    }),
    effort: z
      .enum(['low', 'medium', 'high'])
      .optional()
      .meta({ title: 'Reasoning effort', description: 'For models that reason. Empty: the model’s own default.' }),
  }),
  output: z.strictObject({
    object: z.json().meta({ title: 'Answer' }),
    repaired: z.boolean().meta({ title: 'Fitted only at the second try' }),
    ...answerFields,
  }),
  failures: {
    ...chatFailures,
    invalid_output:
      'The model was asked twice and did not keep to the schema. Simplify it, describe its fields, or choose a stronger model.',
    truncated: 'The token limit cut the answer short. Allow more tokens; reasoning counts too.',
    unsupported_schema: 'The message names the place in the schema. Write it another way.',
  },
  activity: {
    ...modelTimes,
    retry: {
      ...modelRetry,
      nonRetryableErrorTypes: [...finalChatFailures, 'invalid_output', 'truncated', 'unsupported_schema'],
    },
  },
  // No vendor recognises a repeat. A reply that was paid for is kept, so that a later attempt does not pay again.
  idempotency: { by: 'checkpoint' },
  meters: modelMeters,
  examples: [
    {
      title: 'Sort a ticket',
      input: {
        prompt: 'The parcel arrived wet, and nobody answers the phone.',
        schema: {
          type: 'object',
          properties: {
            topic: { enum: ['delivery', 'billing', 'other'] },
            urgent: { type: 'boolean', description: 'True when the customer cannot go on.' },
          },
          required: ['topic', 'urgent'],
          additionalProperties: false,
        },
      },
      output: {
        object: { topic: 'delivery', urgent: false },
        repaired: false,
        model: 'claude-haiku-5-5',
        modelReason: 'The default of the models file.',
        usage: { inputTokens: 74, cachedInputTokens: 0, outputTokens: 16 },
        costUsd: 0.0000154,
      },
    },
  ],
});

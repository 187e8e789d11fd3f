import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';
import {
  finalObjectFailures,
  modelMeters,
  modelRetry,
  modelTimes,
  objectAnswerFields,
  objectFailures,
  objectFields,
} from '../../../models/chat-definition.ts';
import { openaiApi } from '../credential.ts';

export const openaiGenerateObject = defineNode({
  kind: 'openai.generateObject',
  version: 1,
  title: 'Generate data with OpenAI',
  summary: 'Answers a prompt with a value that fits your JSON Schema, asking once more when it does not.',
  effect: 'spends',
  credential: openaiApi,
  input: z.strictObject({
    ...objectFields,
    effort: z
      .enum(['none', 'low', 'medium', 'high'])
      .optional()
      .meta({ title: 'Reasoning effort', description: 'For models that reason. Empty: the model’s own default.' }),
  }),
  output: z.strictObject(objectAnswerFields),
  failures: objectFailures,
  activity: {
    ...modelTimes,
    retry: { ...modelRetry, nonRetryableErrorTypes: [...finalObjectFailures] },
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
        model: 'gpt-6-luna',
        modelReason: 'The default of the models file.',
        usage: { inputTokens: 74, cachedInputTokens: 0, outputTokens: 16 },
        costUsd: 0.0000154,
      },
    },
  ],
});

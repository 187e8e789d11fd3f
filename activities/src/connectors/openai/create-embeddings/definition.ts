import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';
import {
  finalModelFailures,
  modelFailures,
  modelMeters,
  modelRetry,
  modelTimes,
} from '../../../models/chat-definition.ts';
import { openaiApi } from '../credential.ts';

export const openaiCreateEmbeddings = defineNode({
  kind: 'openai.createEmbeddings',
  version: 1,
  title: 'Create embeddings with OpenAI',
  summary: 'Turns texts into vectors whose distance tells how near their meanings are.',
  effect: 'spends',
  credential: openaiApi,
  input: z.strictObject({
    texts: z
      .array(z.string().min(1).max(100_000))
      .min(1)
      .max(2048)
      .meta({ title: 'Texts', description: 'One vector each, in this order.', widget: 'json' }),
    model: z.string().min(1).max(200).optional().meta({
      title: 'Model',
      description: 'Empty: the embedding model of the models file.',
      placeholder: 'text-embedding-3-small',
    }),
    dimensions: z.int().min(1).max(10_000).optional().meta({
      title: 'Dimensions',
      description: 'Fewer make smaller vectors that tell a little less. Empty: as many as the model has.',
    }),
    maxCostUsd: z.number().positive().max(10_000).optional().meta({
      title: 'Cost cap in USD',
      description: 'Estimated before anything is sent: length of the texts / 3.6.',
    }),
  }),
  output: z.strictObject({
    items: z
      .array(
        z.strictObject({
          text: z.string().meta({ title: 'Text' }),
          vector: z.array(z.number()).meta({ title: 'Vector' }),
        }),
      )
      .meta({ title: 'Texts with their vectors' }),
    dimensions: z.int().meta({ title: 'Dimensions' }),
    model: z.string().meta({ title: 'Model' }),
    modelReason: z.string().meta({ title: 'Why this model' }),
    usage: z.strictObject({ inputTokens: z.int().meta({ title: 'Tokens in' }) }).meta({ title: 'Usage' }),
    costUsd: z
      .number()
      .nullable()
      .meta({ title: 'Cost in USD', description: 'Estimated by the models file’s prices.' }),
  }),
  failures: {
    ...modelFailures,
    too_many_texts: 'A step returns 1 MiB. Send fewer texts at a time, or ask for fewer dimensions.',
  },
  activity: {
    ...modelTimes,
    startToCloseTimeout: '2m',
    retry: { ...modelRetry, nonRetryableErrorTypes: [...finalModelFailures, 'too_many_texts'] },
  },
  // No vendor recognises a repeat. Vectors that were paid for are kept, so that a later attempt does not pay again.
  idempotency: { by: 'checkpoint' },
  meters: modelMeters,
  examples: [
    {
      title: 'Two sentences, four dimensions',
      input: { texts: ['The parcel is wet.', 'The invoice is wrong.'], dimensions: 4 },
      output: {
        items: [
          { text: 'The parcel is wet.', vector: [0.51, -0.12, 0.63, 0.57] },
          { text: 'The invoice is wrong.', vector: [-0.33, 0.71, 0.22, 0.58] },
        ],
        dimensions: 4,
        model: 'text-embedding-3-small',
        modelReason: 'The default of the models file.',
        usage: { inputTokens: 10 },
        costUsd: 0.0000002,
      },
    },
  ],
});

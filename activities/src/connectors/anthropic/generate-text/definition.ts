import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';
import {
  chatFailures,
  chatFields,
  finalChatFailures,
  modelMeters,
  modelRetry,
  modelTimes,
  textAnswerFields,
} from '../../../models/chat-definition.ts';
import { anthropicApi } from '../credential.ts';

export const anthropicGenerateText = defineNode({
  kind: 'anthropic.generateText',
  version: 1,
  title: 'Generate text with Claude',
  summary: 'Answers a prompt, by one of Anthropic’s models.',
  effect: 'spends',
  credential: anthropicApi,
  input: z.strictObject({
    ...chatFields,
    effort: z
      .enum(['low', 'medium', 'high'])
      .optional()
      .meta({ title: 'Reasoning effort', description: 'For models that reason. Empty: the model’s own default.' }),
  }),
  output: z.strictObject(textAnswerFields),
  failures: chatFailures,
  activity: {
    ...modelTimes,
    retry: { ...modelRetry, nonRetryableErrorTypes: [...finalChatFailures] },
  },
  // No vendor recognises a repeat. A reply that was paid for is kept, so that a later attempt does not pay again.
  idempotency: { by: 'checkpoint' },
  meters: modelMeters,
  examples: [
    {
      title: 'Summarise a ticket',
      input: {
        system: 'You summarise support tickets in one sentence.',
        prompt: 'The parcel arrived wet, and nobody answers the phone.',
        maxTokens: 500,
      },
      output: {
        text: 'A wet parcel was delivered and support cannot be reached.',
        finishReason: 'stop',
        model: 'claude-haiku-5-5',
        modelReason: 'The default of the models file.',
        usage: { inputTokens: 31, cachedInputTokens: 0, outputTokens: 14 },
        costUsd: 0.0000101,
      },
    },
  ],
});

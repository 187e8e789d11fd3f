import { defineCredential } from '@everwave/schema/node';
import * as z from 'zod';

export const anthropicApi = defineCredential({
  kind: 'anthropic.api',
  title: 'Anthropic',
  help: 'A key from platform.claude.com. Change the address only for a gateway of your own.',
  settings: z.strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .default('https://api.anthropic.com')
      .meta({ title: 'API address', description: 'Without /v1. The key is sent to this address and nowhere else.' }),
    defaultModel: z.string().min(1).max(200).optional().meta({
      title: 'Default model',
      description: 'For steps that name none. Empty: the default of the models file.',
      placeholder: 'claude-sonnet-5-5',
    }),
  }),
  secret: z.strictObject({
    apiKey: z.string().min(1).meta({ title: 'API key', widget: 'secret', placeholder: 'sk-ant-…' }),
  }),
});

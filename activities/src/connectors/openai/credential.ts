import { defineCredential } from '@everwave/schema/node';
import * as z from 'zod';

export const openaiApi = defineCredential({
  kind: 'openai.api',
  title: 'OpenAI, or a server that speaks its API',
  help: 'A key from platform.openai.com/api-keys. For Ollama, vLLM, Groq, Mistral, DeepSeek or OpenRouter enter their address and key, and say what they understand.',
  settings: z.strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .default('https://api.openai.com/v1')
      .meta({ title: 'API address', description: 'The key is sent to this address and nowhere else.' }),
    defaultModel: z.string().min(1).max(200).optional().meta({
      title: 'Default model',
      description: 'For steps that name none. Empty: the default of the models file.',
      placeholder: 'llama3.3',
    }),
    organization: z.string().min(1).max(200).optional().meta({ title: 'Organization', placeholder: 'org-…' }),
    project: z.string().min(1).max(200).optional().meta({ title: 'Project', placeholder: 'proj_…' }),
    tokenLimitField: z.enum(['max_completion_tokens', 'max_tokens']).default('max_completion_tokens').meta({
      title: 'Field for the token limit',
      description: 'OpenAI reads max_completion_tokens; most other servers read max_tokens.',
    }),
    structuredOutput: z.enum(['json_schema', 'json_object', 'none']).default('json_schema').meta({
      title: 'How it is held to JSON',
      description:
        'json_schema: the server enforces a schema. json_object: it enforces JSON alone. none: the model is only asked to. The reply is checked in every case.',
    }),
  }),
  secret: z.strictObject({
    apiKey: z.string().min(1).meta({
      title: 'API key',
      description: 'A local server without keys takes any text, such as none.',
      widget: 'secret',
      placeholder: 'sk-…',
    }),
  }),
});

import { defineCredential } from '@everwave/schema/node';
import * as z from 'zod';

export const httpAuthentication = defineCredential({
  kind: 'http.authentication',
  title: 'HTTP API',
  help: 'The address of the API and the token, password or key it gave you. It is sent to this address and nowhere else.',
  settings: z.strictObject({
    baseUrl: z.url({ protocol: /^https?$/ }).meta({
      title: 'Base URL',
      description: 'Steps may give a path below it. The secret never leaves for another host.',
      placeholder: 'https://api.example.com/v1',
    }),
    scheme: z.enum(['bearer', 'basic', 'header']).default('bearer').meta({
      title: 'How it is sent',
      description:
        'bearer: Authorization: Bearer <secret>. basic: user name and password. header: a header of its own.',
    }),
    username: z.string().optional().meta({ title: 'User name', description: 'For basic.' }),
    headerName: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/)
      .default('X-API-Key')
      .meta({ title: 'Header', description: 'For header.' }),
    testPath: z.string().optional().meta({
      title: 'Path for the connection test',
      description: 'Fetched with GET; any answer below 400 means that the secret works.',
      placeholder: '/me',
    }),
  }),
  secret: z.strictObject({
    value: z.string().min(1).meta({ title: 'Token, password or key', widget: 'secret' }),
  }),
});

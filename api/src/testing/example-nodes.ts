import { type AnyNodeDefinition, type CredentialDefinition, defineCredential, defineNode } from '@everwave/schema/node';
import * as z from 'zod';

const exampleToken = defineCredential({
  kind: 'example.token',
  title: 'Example token',
  help: 'For tests.',
  secret: z.strictObject({ token: z.string().min(8).meta({ title: 'Token' }) }),
  settings: z.strictObject({ baseUrl: z.url().meta({ title: 'Base URL' }) }),
});

const policy = {
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '10m',
  retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 5, nonRetryableErrorTypes: [] },
} as const;

const exampleSend = defineNode({
  kind: 'example.send',
  version: 1,
  title: 'Send',
  summary: 'Sends a text.',
  effect: 'writes',
  credential: exampleToken,
  input: z.strictObject({ text: z.string().min(1).meta({ title: 'Text', widget: 'template' }) }),
  output: z.strictObject({ id: z.string().meta({ title: 'Id' }) }),
  failures: { refused: 'Look at the text.' },
  activity: policy,
  idempotency: { by: 'provider-key', sentAs: 'Idempotency-Key' },
  meters: {},
  examples: [{ title: 'Hello', input: { text: 'Hello' }, output: { id: 'm_1' } }],
});

const exampleRead = defineNode({
  kind: 'example.read',
  version: 1,
  title: 'Read',
  summary: 'Reads a value.',
  effect: 'reads',
  credential: null,
  input: z.strictObject({ key: z.string().min(1).meta({ title: 'Key' }) }),
  output: z.strictObject({ value: z.number().meta({ title: 'Value' }) }),
  failures: { missing: 'Choose another key.' },
  activity: policy,
  idempotency: { by: 'nature' },
  meters: {},
  examples: [{ title: 'One', input: { key: 'a' }, output: { value: 1 } }],
});

/** Two small nodes and a credential, so that these tests do not depend on the connectors. */
export const exampleNodes: readonly AnyNodeDefinition[] = [exampleSend, exampleRead];
export const exampleCredentials: readonly CredentialDefinition[] = [exampleToken];

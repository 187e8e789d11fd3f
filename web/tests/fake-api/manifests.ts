import { coreManifests } from '@everwave/schema/flow';
import type { CredentialManifest, NodeManifest } from '@everwave/schema/node';

const text = (title: string, more: object = {}) => ({ type: 'string', title, ...more });

const action = (
  manifest: Pick<NodeManifest, 'kind' | 'title' | 'summary' | 'effect' | 'idempotency' | 'examples'> &
    Partial<NodeManifest>,
): NodeManifest => ({
  version: 1,
  category: 'action',
  connector: manifest.kind.split('.')[0] ?? '',
  input: { type: 'object' },
  output: { type: 'object' },
  ports: [
    { id: 'out', title: 'Done' },
    { id: 'error', title: 'Failed' },
  ],
  credential: null,
  failures: {},
  activity: {
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '1h',
    retry: { initialInterval: '2s', maximumInterval: '2m', maximumAttempts: 3, nonRetryableErrorTypes: [] },
  },
  meters: {},
  deprecated: null,
  ...manifest,
});

/** Three connectors in the shape of the real ones, so that the pages have something to draw. */
export const manifests: readonly NodeManifest[] = [
  ...coreManifests,
  action({
    kind: 'http.request',
    title: 'HTTP request',
    summary: 'Calls any HTTP API and hands on its status, headers and body.',
    effect: 'writes',
    readsWhen: { field: 'method', oneOf: ['GET', 'HEAD', 'OPTIONS'] },
    input: { type: 'object', properties: { method: { type: 'string', default: 'GET' } } },
    idempotency: { by: 'provider-key', sentAs: 'Idempotency-Key' },
    examples: [
      { title: 'A customer', input: { url: '/customers/c_7' }, output: { status: 200, body: { tier: 'gold' } } },
    ],
  }),
  action({
    kind: 'email.send',
    title: 'Send an e-mail',
    summary: 'Sends a message through your mail server.',
    effect: 'writes',
    idempotency: {
      by: 'nobody',
      duplicates: 'Mail servers know no keys: a message that was already handed over would be sent a second time.',
    },
    examples: [
      {
        title: 'Tell a customer',
        input: { to: 'ada@example.com' },
        output: { messageId: '<0f3c9a@example.com>', accepted: ['ada@example.com'], rejected: [] },
      },
    ],
  }),
  action({
    kind: 'slack.postMessage',
    title: 'Post a message to Slack',
    summary: 'Sends text to a channel, or into a thread when a timestamp is given.',
    effect: 'writes',
    input: {
      type: 'object',
      properties: { channel: text('Channel'), text: text('Message'), threadTs: text('Reply in thread') },
      required: ['channel', 'text'],
    },
    idempotency: { by: 'lookup' },
    examples: [
      { title: 'A deploy', input: { channel: '#ops' }, output: { channel: 'C024BE91L', ts: '1355517523.000005' } },
    ],
  }),
];

export const credentialKinds: readonly CredentialManifest[] = [
  {
    kind: 'email.smtp',
    title: 'Mail server (SMTP)',
    help: 'Your mail provider lists these under "SMTP" or "outgoing mail". Use an app password where it offers one.',
    settings: {
      type: 'object',
      properties: {
        host: text('Host', { placeholder: 'smtp.example.com' }),
        port: { type: 'integer', title: 'Port', minimum: 1, maximum: 65_535, default: 587 },
        security: text('Encryption', {
          enum: ['starttls', 'tls', 'none'],
          default: 'starttls',
          description: 'starttls: usual on 587. tls: usual on 465. none: only for a server on your own network.',
        }),
        username: text('User name', { description: 'Empty: no sign-in.' }),
        from: text('Sender', { placeholder: 'orders@example.com' }),
      },
      required: ['host', 'port', 'security', 'from'],
    },
    secret: { type: 'object', properties: { password: text('Password', { widget: 'secret' }) } },
  },
  {
    kind: 'slack.bot',
    title: 'Slack bot',
    help: 'Create an app at api.slack.com/apps with the scopes chat:write and channels:history, install it, and copy the bot token.',
    settings: {
      type: 'object',
      properties: {
        baseUrl: text('API address', {
          default: 'https://slack.com/api',
          description: 'Leave as it is for slack.com.',
        }),
      },
      required: ['baseUrl'],
    },
    secret: {
      type: 'object',
      properties: { botToken: text('Bot token', { widget: 'secret', placeholder: 'xoxb-…' }) },
      required: ['botToken'],
    },
  },
  {
    kind: 'http.authentication',
    title: 'HTTP API',
    help: 'The address of the API and the token, password or key it gave you. It is sent to this address and nowhere else.',
    settings: {
      type: 'object',
      properties: {
        baseUrl: text('Base URL', { placeholder: 'https://api.example.com/v1' }),
        scheme: text('How it is sent', { enum: ['bearer', 'basic', 'header'], default: 'bearer' }),
      },
      required: ['baseUrl', 'scheme'],
    },
    secret: {
      type: 'object',
      properties: { value: text('Token, password or key', { widget: 'secret' }) },
      required: ['value'],
    },
  },
];

import * as z from 'zod';
import { defineCredential } from './define-credential.ts';
import { defineNode, type AnyNodeDefinition } from './define-node.ts';

// Checked by the compiler alone: each line below a @ts-expect-error must be refused, or the check itself fails.

const bot = defineCredential({
  kind: 'chat.bot',
  title: 'Chat bot',
  help: 'From the settings of the chat.',
  secret: z.strictObject({ token: z.string() }),
  settings: z.strictObject({}),
});

const send = defineNode({
  kind: 'chat.send',
  version: 1,
  title: 'Send a message',
  summary: 'Sends a text to a channel.',
  effect: 'writes',
  credential: bot,
  input: z.strictObject({ channel: z.string(), text: z.string(), silent: z.boolean().default(false) }),
  output: z.strictObject({ id: z.string() }),
  failures: { no_channel: 'There is no such channel.', not_invited: 'Invite the bot.' },
  activity: {
    startToCloseTimeout: '15s',
    scheduleToCloseTimeout: '1h',
    retry: {
      initialInterval: '2s',
      maximumInterval: '2m',
      maximumAttempts: 8,
      nonRetryableErrorTypes: ['no_channel'],
    },
  },
  idempotency: { by: 'lookup' },
  meters: { messages: { unit: 'message' } },
  examples: [{ title: 'Hello', input: { channel: 'general', text: 'Hello' }, output: { id: '1' } }],
});

// A definition keeps its own names: kind, failures and meters are literals, not just strings.
export const kind: 'chat.send' = send.kind;
export const failure: 'no_channel' | 'not_invited' = 'no_channel' satisfies keyof typeof send.failures;
export const meter: 'messages' = 'messages' satisfies keyof typeof send.meters;
export const idempotency: 'lookup' = send.idempotency.by;
export const any: AnyNodeDefinition = send;

// @ts-expect-error a failure that the definition does not name
export const unknownFailure: keyof typeof send.failures = 'nope';
// @ts-expect-error a meter that the definition does not name
export const unknownMeter: keyof typeof send.meters = 'gold';

defineNode({
  ...send,
  activity: {
    ...send.activity,
    // @ts-expect-error a retry rule about an unknown failure
    retry: { ...send.activity.retry, nonRetryableErrorTypes: ['typo'] },
  },
});

defineNode({
  ...send,
  // @ts-expect-error the example's input misses text
  examples: [{ title: 'x', input: { channel: 'general' }, output: { id: '1' } }],
});

defineNode({
  ...send,
  // @ts-expect-error the example's output misses id
  examples: [{ title: 'x', input: { channel: 'general', text: 'Hello' }, output: {} }],
});

defineNode({
  ...send,
  // @ts-expect-error at least one example
  examples: [],
});

defineNode({
  ...send,
  // @ts-expect-error who does not prevent a double says in words what that means
  idempotency: { by: 'nobody' },
});

defineNode({
  ...send,
  // @ts-expect-error a duration without its unit
  activity: { ...send.activity, startToCloseTimeout: '15' },
});

defineNode({
  ...send,
  // @ts-expect-error an effect that does not exist
  effect: 'maybe',
});

defineNode({
  ...send,
  // @ts-expect-error a credential is a definition, not its name
  credential: 'chat.bot',
});

import { defineNode, type Idempotency } from '@everwave/schema/node';
import * as z from 'zod';
import { slackBot } from '../connectors/slack/credential.ts';

/** A node with an effect, as bare as one can be: what the wrapper's tests act on. */
export const sampleNode = <const Safety extends Idempotency>(idempotency: Safety) =>
  defineNode({
    kind: 'sample.send',
    version: 1,
    title: 'Send a sample',
    summary: 'Sends text to nobody.',
    effect: 'writes',
    credential: slackBot,
    credentialOptional: true,
    input: z.strictObject({ text: z.string().min(1).max(20).meta({ title: 'Text' }) }),
    output: z.strictObject({ id: z.string(), repeated: z.boolean().default(false) }),
    failures: { refused: 'Ask for something else.', busy: 'Wait a little.' },
    activity: {
      startToCloseTimeout: '15s',
      scheduleToCloseTimeout: '1h',
      retry: {
        initialInterval: '1s',
        maximumInterval: '1m',
        maximumAttempts: 5,
        nonRetryableErrorTypes: ['refused'],
      },
    },
    idempotency,
    meters: { letters: { unit: 'letter' } },
    examples: [{ title: 'Greet', input: { text: 'hello' }, output: { id: '1' } }],
  });

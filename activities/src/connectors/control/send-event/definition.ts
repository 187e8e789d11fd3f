import { correlationKeySchema, defineNode, eventNameSchema, eventStaySchema } from '@everwave/schema/node';
import * as z from 'zod';

/** Characters of JSON: an event travels into the history of every run that takes it. */
const largestData = 262_144;

export const controlSendEvent = defineNode({
  kind: 'control.sendEvent',
  version: 1,
  title: 'Send event',
  summary: 'Sends an event to the runs that wait for its name and key, now or later.',
  effect: 'writes',
  credential: null,
  input: z.strictObject({
    event: eventNameSchema,
    correlationKey: z.union([correlationKeySchema, z.number()]).transform(String).meta({
      title: 'Correlation key',
      description:
        'Which of the runs that wait for this name is meant: {{ trigger.body.orderId }}. Seen in plain text by whoever operates Temporal.',
      widget: 'template',
    }),
    data: z
      .json()
      .default(null)
      .refine((data) => JSON.stringify(data).length <= largestData, `At most ${largestData} characters as JSON.`)
      .meta({ title: 'Data', description: 'Who waits reads it as steps.<id>.output.data.', widget: 'template' }),
    expiresIn: eventStaySchema.default('7d').meta({
      title: 'Kept for',
      description: 'For runs that ask for it later: at most 365d.',
      widget: 'duration',
    }),
  }),
  output: z.strictObject({
    id: z.string().meta({ title: 'Id', description: 'No run takes an event with this name and id twice.' }),
    name: z.string().meta({ title: 'Event' }),
    correlationKey: z.string().meta({ title: 'Correlation key' }),
    receivedAt: z.string().meta({ title: 'Sent at' }),
    expiresAt: z.string().meta({ title: 'Kept until' }),
  }),
  failures: {},
  activity: {
    startToCloseTimeout: '10s',
    scheduleToCloseTimeout: '1h',
    heartbeatTimeout: '5s',
    retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 20, nonRetryableErrorTypes: [] },
  },
  // Our own table honours the key, for as long as the event is kept; the ledger remembers it for longer.
  idempotency: { by: 'provider-key', sentAs: 'id' },
  meters: {},
  examples: [
    {
      title: 'Say that an order is paid',
      input: {
        event: 'order.paid',
        correlationKey: 'A-1042',
        data: { amount: 129.9 },
      },
      output: {
        id: 'c0ffee',
        name: 'order.paid',
        correlationKey: 'A-1042',
        receivedAt: '2026-11-21T12:00:00.000Z',
        expiresAt: '2026-11-28T12:00:00.000Z',
      },
    },
  ],
});

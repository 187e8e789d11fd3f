import { defineNode, fileSchema } from '@everwave/schema/node';
import * as z from 'zod';
import { smtpServer } from '../credential.ts';

/** One address, several separated by commas, or a list. */
const addressesSchema = z
  .union([z.string().min(3).max(10_000), z.array(z.string().max(320)).max(100)])
  .refine((value) => parseAddresses(value).every((address) => z.email().safeParse(address).success), {
    error: 'Each recipient is an address such as ada@example.com; several are separated by commas.',
  })
  .refine((value) => parseAddresses(value).length <= 100, { error: 'At most 100 recipients.' });

export const parseAddresses = (value: string | readonly string[]): string[] =>
  (typeof value === 'string' ? value.split(/[,;]/) : value)
    .map((address) => address.trim())
    .filter((address) => address !== '');

/** Bytes of all attachments together; few mail servers take more. */
export const mostAttached = 25 * 1024 * 1024;

const line = z.string().regex(/^[^\r\n\0]*$/, 'One line only.');

export const emailSend = defineNode({
  kind: 'email.send',
  version: 1,
  title: 'Send an e-mail',
  summary: 'Sends a message through your mail server.',
  effect: 'writes',
  credential: smtpServer,
  input: z.strictObject({
    to: addressesSchema
      .refine((value) => parseAddresses(value).length > 0, { error: 'At least one recipient.' })
      .meta({ title: 'To', widget: 'template', placeholder: '{{ steps.customer.output.body.email }}' }),
    cc: addressesSchema.optional().meta({ title: 'Cc', widget: 'template' }),
    bcc: addressesSchema.optional().meta({ title: 'Bcc', widget: 'template' }),
    replyTo: z.email().optional().meta({ title: 'Reply to' }),
    fromName: line
      .max(100)
      .optional()
      .meta({ title: 'Sender’s name', description: 'The address is the connection’s.' }),
    subject: line.max(500).meta({ title: 'Subject', widget: 'template' }),
    text: z.string().max(500_000).meta({ title: 'Text', widget: 'template' }),
    html: z.string().max(500_000).optional().meta({
      title: 'HTML',
      description: 'Shown instead of the text where the reader’s program can.',
      widget: 'code',
    }),
    attachments: z
      .union([fileSchema, z.array(fileSchema).max(20)])
      .optional()
      .meta({
        title: 'Attachments',
        description: 'A file that a step of this run made, or a list of up to 20. 25 MiB together.',
        widget: 'template',
        placeholder: '{{ steps.download.output.file }}',
      }),
  }),
  output: z.strictObject({
    messageId: z.string().meta({ title: 'Message-ID' }),
    accepted: z.array(z.string()).meta({ title: 'Accepted recipients' }),
    rejected: z.array(z.string()).meta({ title: 'Rejected recipients' }),
  }),
  failures: {
    smtp_unreachable: 'Check host and port in the connection, and whether the mail server is up. Nothing was sent.',
    smtp_busy: 'The mail server asked us to come back later. It is tried again.',
    encryption_failed: 'Choose the encryption the server offers, or have its certificate corrected.',
    authentication_failed: 'Correct user name and password in the connection, test it, then retry.',
    sender_refused: 'The server does not let this account send from the connection’s address.',
    recipient_refused: 'The server knows none of the recipients. Correct the address and retry with edited input.',
    attachments_too_large: 'Attach less than 25 MiB, or put the files where the recipient can download them.',
    message_refused: 'The server refused the content, often as spam or as too large. Its words are in the message.',
  },
  activity: {
    startToCloseTimeout: '90s',
    scheduleToCloseTimeout: '6h',
    heartbeatTimeout: '15s',
    retry: {
      initialInterval: '5s',
      maximumInterval: '10m',
      maximumAttempts: 8,
      nonRetryableErrorTypes: [
        'encryption_failed',
        'authentication_failed',
        'sender_refused',
        'recipient_refused',
        'attachments_too_large',
        'message_refused',
      ],
    },
  },
  idempotency: {
    by: 'nobody',
    duplicates:
      'Mail servers know no keys. If the connection breaks while a message is handed over, the step waits for you instead of sending it again.',
  },
  meters: {},
  examples: [
    {
      title: 'Tell a customer',
      input: { to: 'ada@example.com', subject: 'Your order A-1042', text: 'Thank you. It leaves today.' },
      output: {
        messageId: '<0f3c9a@example.com>',
        accepted: ['ada@example.com'],
        rejected: [],
      },
    },
  ],
});

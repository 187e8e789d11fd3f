import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';
import { slackBot } from '../credential.ts';

export const slackPostMessage = defineNode({
  kind: 'slack.postMessage',
  version: 1,
  title: 'Post a message to Slack',
  summary: 'Sends text to a channel, or into a thread when a timestamp is given.',
  effect: 'writes',
  credential: slackBot,
  input: z.strictObject({
    channel: z.string().min(1).max(200).meta({
      title: 'Channel',
      description:
        'The channel’s id, from its details in Slack, or its name. A name needs the scopes channels:read and groups:read, to look a doubtful message up.',
      placeholder: 'C024BE91L or #orders',
    }),
    text: z.string().min(1).max(40_000).meta({
      title: 'Message',
      description: 'Slack’s mrkdwn: *bold*, _italic_, <https://example.com|link>.',
      widget: 'template',
    }),
    threadTs: z
      .string()
      .regex(/^\d+\.\d+$/, 'A timestamp such as 1355517523.000005.')
      .optional()
      .meta({ title: 'Reply in thread', description: 'The ts of the thread’s first message.' }),
  }),
  output: z.strictObject({
    channel: z.string().meta({ title: 'Channel' }),
    ts: z.string().meta({ title: 'Timestamp', description: 'Names the message in its channel.' }),
  }),
  failures: {
    channel_not_found: 'Slack knows no such channel, or the bot cannot see it.',
    not_in_channel: 'Invite the bot to the channel, then retry the step.',
    channel_closed: 'The channel is archived or only some may post in it. Choose another.',
    credential_refused: 'Slack does not accept the bot’s token any more. Enter a new one in the connection and retry.',
    missing_scope: 'Give the app the scope that the message names, reinstall it, and enter the new token.',
    message_refused: 'Slack refused the text. The message says why.',
    slack_unavailable:
      'Slack did not answer as it should. It is tried again, after a look whether the message is there.',
  },
  activity: {
    startToCloseTimeout: '45s',
    scheduleToCloseTimeout: '1h',
    heartbeatTimeout: '15s',
    retry: {
      initialInterval: '2s',
      maximumInterval: '2m',
      maximumAttempts: 8,
      nonRetryableErrorTypes: [
        'channel_not_found',
        'not_in_channel',
        'channel_closed',
        'credential_refused',
        'missing_scope',
        'message_refused',
      ],
    },
  },
  idempotency: { by: 'lookup' },
  meters: {},
  examples: [
    {
      title: 'Announce an order',
      input: { channel: 'C024BE91L', text: 'New order A-1042 over 129.90' },
      output: { channel: 'C024BE91L', ts: '1355517523.000005' },
    },
  ],
});

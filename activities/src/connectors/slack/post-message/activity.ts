import * as z from 'zod';
import { implementNode, type Step } from '../../../runtime/implement-node.ts';
import { callSlack, type SlackReply } from '../client.ts';
import { findChannel } from '../find-channel.ts';
import { slackPostMessage } from './definition.ts';

type SlackStep = Step<typeof slackPostMessage>;
type Refusal = Exclude<keyof (typeof slackPostMessage)['failures'], 'slack_unavailable'>;

/** https://docs.slack.dev/reference/methods/chat.postMessage (read 2026-11-21) */
const refusals: Readonly<Record<string, Refusal>> = {
  channel_not_found: 'channel_not_found',
  not_in_channel: 'not_in_channel',
  is_archived: 'channel_closed',
  restricted_action: 'channel_closed',
  restricted_action_read_only_channel: 'channel_closed',
  restricted_action_thread_only_channel: 'channel_closed',
  invalid_auth: 'credential_refused',
  not_authed: 'credential_refused',
  account_inactive: 'credential_refused',
  token_expired: 'credential_refused',
  token_revoked: 'credential_refused',
  missing_scope: 'missing_scope',
  not_allowed_token_type: 'missing_scope',
  msg_too_long: 'message_refused',
  no_text: 'message_refused',
  invalid_metadata_format: 'message_refused',
  invalid_arguments: 'message_refused',
  too_many_attachments: 'message_refused',
};

/** Our mark on a message: how a later attempt recognises it. */
const eventType = 'everwave_step';

const messageSchema = z.looseObject({
  ts: z.string(),
  metadata: z
    .looseObject({ event_type: z.string(), event_payload: z.looseObject({ key: z.string().nullish() }) })
    .nullish(),
});
const pageSchema = z.looseObject({
  messages: z.array(messageSchema),
  has_more: z.boolean().nullish(),
  response_metadata: z.looseObject({ next_cursor: z.string().nullish() }).nullish(),
});

const pageSize = 100;
const mostPages = 5;
/** Slack's clock and ours differ; looking a little further back costs nothing. */
const clockSkewSeconds = 300;

export const postMessage = implementNode(slackPostMessage, {
  async findEarlier(step, { channel, threadTs }) {
    const found = await findChannel(step, step.connection, channel);
    if ('error' in found) throw step.unsure(`The channel’s id cannot be found (${found.error}).`);
    const method = threadTs ? 'conversations.replies' : 'conversations.history';
    const oldest = step.firstSentAt === null ? '0' : String(step.firstSentAt / 1000 - clockSkewSeconds);
    let cursor = '';
    for (let page = 0; page < mostPages; page += 1) {
      const reply = await callSlack(step, step.connection, method, {
        form: {
          channel: found.id,
          ...(threadTs ? { ts: threadTs } : {}),
          oldest,
          limit: String(pageSize),
          include_all_metadata: 'true',
          ...(cursor ? { cursor } : {}),
        },
      });
      if (!reply) throw unavailable(step, 'Slack did not answer the look-up.');
      if (!reply.ok) throw step.unsure(`The channel’s history cannot be read (${reply.error}).`);
      const parsed = pageSchema.safeParse(reply);
      if (!parsed.success) throw unavailable(step, 'Slack answered the look-up in a shape it does not document.');
      const { messages, has_more, response_metadata } = parsed.data;
      const earlier = messages.find(
        ({ metadata }) => metadata?.event_type === eventType && metadata.event_payload.key === step.idempotencyKey,
      );
      if (earlier) return { channel: found.id, ts: earlier.ts };
      cursor = response_metadata?.next_cursor ?? '';
      if (!has_more || cursor === '') return null;
    }
    throw step.unsure(
      `The message is not among the channel’s last ${mostPages * pageSize}; older ones were not searched.`,
    );
  },

  async run(step, { channel, text, threadTs }) {
    const reply = await callSlack(step, step.connection, 'chat.postMessage', {
      json: {
        channel,
        text,
        ...(threadTs ? { thread_ts: threadTs } : {}),
        metadata: { event_type: eventType, event_payload: { key: step.idempotencyKey } },
      },
    });
    if (!reply) throw unavailable(step, 'Slack answered, but not with its API’s words.');
    if (!reply.ok) throw refusalOf(step, reply);
    const posted = z.looseObject({ channel: z.string(), ts: z.string() }).safeParse(reply);
    if (!posted.success) throw unavailable(step, 'Slack took the message and did not say where it is.');
    return { channel: posted.data.channel, ts: posted.data.ts };
  },
});

const refusalOf = (step: SlackStep, reply: SlackReply): Error => {
  const code = reply.error ?? 'no reason';
  const name = refusals[code];
  if (!name) return unavailable(step, `Slack answered "${code}".`);
  const needed = reply.needed ? ` (needed: ${reply.needed})` : '';
  return step.failure(name, { message: `Slack refused the message: ${code}${needed}.` });
};

const unavailable = (step: SlackStep, message: string): Error =>
  step.failure('slack_unavailable', { message, mayHaveHappened: true });

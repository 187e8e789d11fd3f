import * as z from 'zod';
import type { OpenConnection } from '../../runtime/implement-node.ts';
import type { Caller } from '../../runtime/rest-client.ts';
import { callSlack } from './client.ts';
import type { slackBot } from './credential.ts';

const pageSchema = z.looseObject({
  channels: z.array(z.looseObject({ id: z.string(), name: z.string().nullish() })),
  response_metadata: z.looseObject({ next_cursor: z.string().nullish() }).nullish(),
});

const mostPages = 20;
const looksLikeId = /^[CDG][A-Z0-9]{6,}$/;

export type FoundChannel = { readonly id: string } | { readonly error: string };

/**
 * The id of a channel that is given by id or by name (`#orders`). Posting takes names, reading does not:
 * https://docs.slack.dev/reference/methods/conversations.list (read 2026-11-21).
 */
export const findChannel = async (
  caller: Caller,
  connection: OpenConnection<typeof slackBot>,
  channel: string,
): Promise<FoundChannel> => {
  if (looksLikeId.test(channel)) return { id: channel };
  const name = channel.replace(/^#/, '');
  let cursor = '';
  for (let page = 0; page < mostPages; page += 1) {
    const reply = await callSlack(caller, connection, 'conversations.list', {
      form: { limit: '1000', types: 'public_channel,private_channel', ...(cursor ? { cursor } : {}) },
    });
    if (!reply?.ok) return { error: reply?.error ?? 'no answer' };
    const parsed = pageSchema.safeParse(reply);
    if (!parsed.success) return { error: 'an answer in a shape that Slack does not document' };
    const found = parsed.data.channels.find((known) => known.name === name);
    if (found) return { id: found.id };
    cursor = parsed.data.response_metadata?.next_cursor ?? '';
    if (cursor === '') break;
  }
  return { error: 'channel_not_found' };
};

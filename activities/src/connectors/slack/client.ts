import * as z from 'zod';
import type { OpenConnection } from '../../runtime/implement-node.ts';
import { AskedToWait } from '../../runtime/node-errors.ts';
import { send, type Caller } from '../../runtime/rest-client.ts';
import type { slackBot } from './credential.ts';

type SlackConnection = OpenConnection<typeof slackBot>;

/** Slack answers 200 to almost everything; the truth is in `ok` and `error`. */
const replySchema = z.looseObject({ ok: z.boolean(), error: z.string().nullish(), needed: z.string().nullish() });
export type SlackReply = z.infer<typeof replySchema>;

/** Calls one method of the Web API. `null`: Slack answered, but with nothing its API ever says. */
export const callSlack = async (
  caller: Caller,
  { settings, secret }: SlackConnection,
  method: string,
  call: { readonly json: object } | { readonly form: Readonly<Record<string, string>> },
): Promise<SlackReply | null> => {
  const isJson = 'json' in call;
  const reply = await send(caller, `${settings.baseUrl.replace(/\/+$/, '')}/${method}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${secret.botToken}`,
      'content-type': isJson ? 'application/json; charset=utf-8' : 'application/x-www-form-urlencoded',
    },
    body: isJson ? JSON.stringify(call.json) : new URLSearchParams(call.form).toString(),
    timeoutMs: 15_000,
  });
  const parsed = replySchema.safeParse(reply.json());
  if (!parsed.success || reply.status >= 500) return null;
  if (parsed.data.error === 'ratelimited') {
    throw new AskedToWait('Slack asked us to wait 30 s (ratelimited).', 30_000);
  }
  return parsed.data;
};

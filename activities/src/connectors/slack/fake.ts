import { Hono, type Context } from 'hono';
import * as z from 'zod';
import { createFaults, faultSchema, type Faults } from '../../fakes/faults.ts';
import { renderPage } from '../../fakes/page.ts';
import { serveFake, type FakeAddress, type FakeEnvironment, type RunningFake } from '../../fakes/serve-fake.ts';

/** The token the fake accepts. */
export const fakeBotToken = 'xoxb-everwave-demo-2f8c41d09b';

export interface FakeMessage {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly thread_ts?: string | undefined;
  readonly metadata?: unknown;
}

export interface SlackFake extends RunningFake {
  readonly faults: Faults;
  readonly messages: FakeMessage[];
  /** Forgets everything. */
  reset(): void;
}

/** Channels by id. Names work for posting, as they do at Slack. */
const channels: Readonly<Record<string, { readonly name: string; readonly refusal?: string }>> = {
  C0000ORDERS: { name: 'orders' },
  C000GENERAL: { name: 'general' },
  C00PRIVATE0: { name: 'private', refusal: 'not_in_channel' },
  C00ARCHIVED: { name: 'archived', refusal: 'is_archived' },
};

const postSchema = z.looseObject({
  channel: z.string().min(1),
  text: z.string(),
  thread_ts: z.string().optional(),
  metadata: z.object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) }).optional(),
});

/** Slack's Web API as far as the nodes use it: shapes from https://docs.slack.dev (read 2026-11-21). */
export const startSlackFake = async (address: FakeAddress = {}): Promise<SlackFake> => {
  const faults = createFaults();
  const messages: FakeMessage[] = [];
  let lastMicros = 0;
  const nextTs = (): string => {
    lastMicros = Math.max(lastMicros + 1, Date.now() * 1000);
    return `${Math.floor(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, '0')}`;
  };

  const app = new Hono<FakeEnvironment>();
  app.use(faults.middleware);
  app.use('/api/*', async (context, next) => {
    const authorization = context.req.header('authorization');
    if (!authorization) return context.json({ ok: false, error: 'not_authed' });
    if (authorization !== `Bearer ${fakeBotToken}`) return context.json({ ok: false, error: 'invalid_auth' });
    return next();
  });

  app.post('/api/auth.test', (context) =>
    context.json({
      ok: true,
      url: 'https://demo.slack.com/',
      team: 'Everwave demo',
      user: 'everwave',
      bot_id: 'B0DEMO',
    }),
  );
  app.post('/api/chat.postMessage', async (context) => {
    if (!context.req.header('content-type')?.startsWith('application/json')) {
      return context.json({ ok: false, error: 'invalid_arguments' });
    }
    const post = postSchema.safeParse(await context.req.json());
    if (!post.success) return context.json({ ok: false, error: 'invalid_arguments' });
    const { channel, text, thread_ts, metadata } = post.data;
    const id = Object.keys(channels).find((known) =>
      [known, channels[known]?.name].includes(channel.replace(/^#/, '')),
    );
    if (id === undefined) return context.json({ ok: false, error: 'channel_not_found' });
    const refusal = channels[id]?.refusal;
    if (refusal) return context.json({ ok: false, error: refusal });
    if (text === '') return context.json({ ok: false, error: 'no_text' });
    const message: FakeMessage = { channel: id, ts: nextTs(), text, thread_ts, metadata };
    messages.push(message);
    messages.splice(0, Math.max(0, messages.length - 2000));
    return context.json({ ok: true, channel: id, ts: message.ts, message: { type: 'message', ...message } });
  });

  app.post('/api/conversations.list', async (context) => {
    const { limit = '100', cursor = '0' } = Object.fromEntries(new URLSearchParams(await context.req.text()));
    const all = Object.entries(channels).map(([id, { name }]) => ({ id, name, is_channel: true }));
    const end = Number(cursor) + Number(limit);
    return context.json({
      ok: true,
      channels: all.slice(Number(cursor), end),
      response_metadata: { next_cursor: end < all.length ? String(end) : '' },
    });
  });

  const list =
    (select: (message: FakeMessage, form: Record<string, string>) => boolean) =>
    async (context: Context<FakeEnvironment>) => {
      // The read methods take no JSON body, here as there.
      const form = Object.fromEntries(new URLSearchParams(await context.req.text()));
      const { channel = '', oldest = '0', limit = '100', cursor = '' } = form;
      if (!(channel in channels)) return context.json({ ok: false, error: 'channel_not_found' });
      const newestFirst = messages
        .filter(
          (message) => message.channel === channel && Number(message.ts) >= Number(oldest) && select(message, form),
        )
        .toReversed();
      const start = Number(cursor) || 0;
      const end = start + Number(limit);
      const hasMore = end < newestFirst.length;
      const page = newestFirst
        .slice(start, end)
        .map((message) => (form['include_all_metadata'] === 'true' ? message : { ...message, metadata: undefined }));
      return context.json({
        ok: true,
        messages: page,
        has_more: hasMore,
        response_metadata: { next_cursor: hasMore ? String(end) : '' },
      });
    };
  app.post(
    '/api/conversations.history',
    list((message) => message.thread_ts === undefined),
  );
  app.post(
    '/api/conversations.replies',
    list((message, form) => message.thread_ts === form['ts'] || message.ts === form['ts']),
  );
  app.all('/api/*', (context) => context.json({ ok: false, error: 'unknown_method' }));

  app.get('/messages', (context) => context.json({ messages }));
  app.get('/', (context) =>
    renderPage(context, {
      title: 'Slack',
      hint: 'Every message the demo posts ends here instead of in a workspace.',
      entries: messages.toReversed().map(({ channel, ts, text, thread_ts }) => ({
        title: `#${channels[channel]?.name ?? channel}`,
        facts: [
          ['At', new Date(Number(ts) * 1000).toISOString()],
          ['ts', ts],
          ...(thread_ts ? [['Thread', thread_ts] as const] : []),
        ],
        text,
      })),
    }),
  );
  app.post('/_fake/faults', async (context) => {
    faults.add(faultSchema.parse(await context.req.json()));
    return context.body(null, 204);
  });
  app.delete('/_fake/faults', (context) => {
    faults.clear();
    return context.body(null, 204);
  });

  const reset = () => {
    faults.clear();
    messages.length = 0;
  };
  return { ...(await serveFake(app, address)), faults, messages, reset };
};

import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { createFaults, faultSchema, type Faults } from '../../fakes/faults.ts';
import { serveFake, type FakeAddress, type FakeEnvironment, type RunningFake } from '../../fakes/serve-fake.ts';

/** One request as the fake received it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpFake extends RunningFake {
  readonly faults: Faults;
  readonly requests: ReceivedRequest[];
  /** What POST /items made, in order. Requests with an Idempotency-Key it has seen make nothing. */
  readonly items: { readonly key: string | null; readonly body: string }[];
  /** Forgets everything. */
  reset(): void;
}

/** The token that `/me` accepts. */
export const fakeToken = 'demo-token-7f3a';

const names = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Edsger Dijkstra', 'Barbara Liskov', 'Tony Hoare'];
const tiers = ['gold', 'silver', 'bronze'] as const;

/** A customer for any id, always the same one. `c_7` is a gold customer. */
const customerOf = (id: string) => {
  const [first = 0, second = 0] = id === 'c_7' ? [0, 0] : createHash('sha256').update(id).digest();
  const name = names[first % names.length] ?? id;
  return {
    id,
    name,
    email: `${name.toLowerCase().replace(' ', '.')}@example.com`,
    tier: tiers[second % tiers.length],
    country: 'NL',
    createdAt: '2024-03-18T09:30:00Z',
  };
};

/** An HTTP API of our own: the demo's customers, an echo, and every status a service can answer with. */
export const startHttpFake = async (address: FakeAddress = {}): Promise<HttpFake> => {
  const faults = createFaults();
  const requests: ReceivedRequest[] = [];
  const items: { key: string | null; body: string }[] = [];
  const answers = new Map<string, { id: string }>();
  const app = new Hono<FakeEnvironment>();

  app.use(async (context, next) => {
    if (!context.req.path.startsWith('/_fake')) {
      requests.push({
        method: context.req.method,
        path: context.req.path,
        query: context.req.query(),
        headers: context.req.header(),
        body: await context.req.text(),
      });
      requests.splice(0, Math.max(0, requests.length - 1000));
    }
    await next();
  });
  app.use(faults.middleware);

  app.get('/', (context) => context.json({ service: 'demo API', customers: '/customers/:id' }));
  app.get('/customers/:id', (context) => {
    const id = context.req.param('id');
    if (/^c_\w{1,40}$/.test(id)) return context.json(customerOf(id));
    return context.json({ error: 'customer_not_found', message: `There is no customer ${id.slice(0, 40)}.` }, 404);
  });
  app.get('/me', (context) =>
    context.req.header('authorization') === `Bearer ${fakeToken}`
      ? context.json({ account: 'demo' })
      : context.json({ message: 'The token is not valid.' }, 401),
  );
  app.all('/echo', (context) => {
    const last = requests.at(-1);
    return context.json(last ?? null);
  });
  app.all('/status/:code', (context) => {
    const status = Number(context.req.param('code'));
    const retryAfter = context.req.query('retryAfter');
    const empty = status === 204 || status === 304 || context.req.method === 'HEAD';
    return new Response(empty ? null : JSON.stringify({ message: `This is status ${status}.` }), {
      status,
      headers: { 'content-type': 'application/json', ...(retryAfter ? { 'retry-after': retryAfter } : {}) },
    });
  });
  app.get('/text', (context) => context.text('plain words'));
  app.get('/bytes/:count', (context) => context.body('x'.repeat(Number(context.req.param('count')))));
  app.all('/redirect', (context) =>
    context.redirect(context.req.query('to') ?? '/', Number(context.req.query('status') ?? 302) as 302),
  );
  app.post('/items', async (context) => {
    const key = context.req.header('idempotency-key') ?? null;
    const honours = context.req.query('honours') === 'key';
    const earlier = honours && key !== null ? answers.get(key) : undefined;
    if (earlier) return context.json(earlier);
    items.push({ key, body: await context.req.text() });
    const answer = { id: `item_${items.length}` };
    if (key !== null) answers.set(key, answer);
    return context.json(answer, 201);
  });

  app.get('/_fake/state', (context) => context.json({ requests: requests.length, items }));
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
    answers.clear();
    requests.length = 0;
    items.length = 0;
  };
  return { ...(await serveFake(app, address)), faults, requests, items, reset };
};

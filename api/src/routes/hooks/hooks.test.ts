import { createSigningSecret, signDelivery } from '@everwave/activities/triggers';
import { createDatabase } from '@everwave/schema/db';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../app.ts';
import { webhookFlow } from '../../testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let developer: Call;
let sender: Call;
let flowId: string;
let hook: string;
beforeAll(async () => {
  api = await createTestApi();
  sender = callWith(api.app);
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  developer = await org.as('developer');
  [flowId, hook] = await publishedHook();
  api.temporal.started.length = 0;
});

const publishedHook = async (signature: 'none' | 'standard' = 'none'): Promise<[flowId: string, hook: string]> => {
  const graph = webhookFlow({ input: { signature } });
  const { id } = (await developer('POST /v1/flows', { name: 'Orders', graph })).body;
  await developer(`POST /v1/flows/${id}/publish`);
  const [{ url }] = (await developer(`GET /v1/flows/${id}`)).body.triggers;
  return [id, new URL(url).pathname];
};

const deliveries = async (query = '') => (await developer(`GET /v1/deliveries${query}`)).body.items;
const runs = async () => (await developer('GET /v1/runs')).body.items;

describe('webhooks work', () => {
  it('answer 202 with the run once delivery and run are stored, then start it', async () => {
    const answer = await sender(
      `POST ${hook}?page=2`,
      { key: 'a' },
      { 'x-request-id': 'request-hook-1', 'x-event': 'paid' },
    );
    expect(answer.status).toBe(202);
    expect(Object.keys(answer.body)).toEqual(['runId', 'url']);
    expect(answer.body.url).toBe(`http://127.0.0.1:3000/runs/${answer.body.runId}`);
    expect(await deliveries()).toMatchObject([
      { status: 'pending', runId: answer.body.runId, flowId, flowName: 'Orders', requestId: 'request-hook-1' },
    ]);
    await api.dispatch();
    const mine = api.temporal.started.filter(({ orgId }) => orgId === org.orgId);
    expect(mine).toMatchObject([
      {
        runId: answer.body.runId,
        trigger: {
          stepId: 'hook',
          kind: 'trigger.webhook',
          data: {
            kind: 'trigger.webhook',
            method: 'POST',
            query: { page: '2' },
            body: { key: 'a' },
            headers: { 'x-event': 'paid' },
          },
        },
      },
    ]);
    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({ status: 'dispatched' });
    const read = await developer(`GET /v1/deliveries/${delivery.id}`);
    expect(read.body.payload).toMatchObject({ body: { key: 'a' }, method: 'POST' });
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('take %s too', async (method) => {
    expect((await sender(`${method} ${hook}?key=a`)).status).toBe(202);
  });

  it('make one run of one delivery id, sent five times at once and again later', async () => {
    const send = () => sender(`POST ${hook}`, { key: 'a' }, { 'webhook-id': 'evt_1' });
    const answers = [...(await Promise.all([send(), send(), send(), send(), send()])), await send()];
    expect(answers.every(({ status }) => status === 202)).toBe(true);
    expect(new Set(answers.map(({ body }) => body.runId)).size).toBe(1);
    expect(await runs()).toHaveLength(1);
    expect(await deliveries()).toHaveLength(1);
  });

  it('make a run of each delivery without an id', async () => {
    await Promise.all([1, 2, 3].map(() => sender(`POST ${hook}`, { key: 'a' })));
    expect(await runs()).toHaveLength(3);
  });

  it('keep the same id of two triggers apart', async () => {
    const [, other] = await publishedHook();
    await sender(`POST ${hook}`, {}, { 'webhook-id': 'evt_1' });
    await sender(`POST ${other}`, {}, { 'webhook-id': 'evt_1' });
    expect(await runs()).toHaveLength(2);
  });

  it('hold deliveries of a flow that is off, and run them oldest first once it is on', async () => {
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    const held = [];
    for (const key of ['one', 'two', 'three']) held.push(await sender(`POST ${hook}`, { key }, { 'webhook-id': key }));
    expect(held.map(({ status, body }) => [status, body.held])).toEqual([
      [202, true],
      [202, true],
      [202, true],
    ]);
    const again = await sender(`POST ${hook}`, { key: 'one' }, { 'webhook-id': 'one' });
    expect(again.body).toEqual(held[0]?.body);
    expect(await runs()).toEqual([]);
    await api.dispatch();
    expect(await deliveries('?status=held')).toHaveLength(3);

    await developer(`POST /v1/flows/${flowId}/activate`);
    await api.dispatch();
    const started = api.temporal.started
      .filter(({ plan }) => plan.flowId === flowId)
      .map(({ runId, trigger }) => [runId, (trigger.data as { body: { key: string } }).body.key]);
    const oldestFirst = started.toSorted(([left = ''], [right = '']) => left.localeCompare(right));
    expect(oldestFirst.map(([, key]) => key)).toEqual(['one', 'two', 'three']);
    expect(await deliveries('?status=dispatched')).toHaveLength(3);
    const later = await sender(`POST ${hook}`, { key: 'one' }, { 'webhook-id': 'one' });
    expect(started.map(([runId]) => runId)).toContain(later.body.runId);
  });

  it('release a held delivery once although several processes try', async () => {
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    await sender(`POST ${hook}`, { key: 'one' });
    await developer(`POST /v1/flows/${flowId}/activate`);
    await Promise.all([1, 2, 3, 4].map(() => api.dependencies.dispatcher.round()));
    expect(await runs()).toHaveLength(1);
  });

  it('replay a held delivery, and only a held one', async () => {
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    const { deliveryId } = (await sender(`POST ${hook}`, { key: 'one' })).body;
    const replays = await Promise.all([1, 2, 3].map(() => developer(`POST /v1/deliveries/${deliveryId}/replay`)));
    expect(replays.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409, 409]);
    expect(await runs()).toHaveLength(1);
    const refused = await developer(`POST /v1/deliveries/${deliveryId}/replay`);
    expect([refused.status, refused.body.code]).toEqual([409, 'delivery_not_held']);
  });
});

describe('webhooks refuse', () => {
  it('every unknown address alike', async () => {
    const addresses = [
      '/hooks/AAAAAAAAAAAAAAAAAAAAAA',
      '/hooks/x',
      `${hook.slice(0, -1)}${hook.endsWith('A') ? 'B' : 'A'}`,
    ];
    const answers = await Promise.all(
      addresses.map((path) => sender(`POST ${path}`, {}, { 'x-request-id': 'same-request' })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect([answers[0]?.status, answers[0]?.body.code]).toEqual([404, 'hook_not_found']);
    await developer(`POST /v1/flows/${flowId}/archive`);
    expect((await sender(`POST ${hook}`, {}, { 'x-request-id': 'same-request' })).text).toBe(answers[0]?.text);
  });

  it.each([
    ['broken JSON', '{"key":', 'application/json', 400, 'delivery_unreadable'],
    ['a file', '--x--', 'application/octet-stream', 415, 'unsupported_media_type'],
    ['endless nesting', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'application/json', 400, 'delivery_unreadable'],
  ])('%s, and store nothing', async (_what, body, type, status, code) => {
    const answer = await sender(`POST ${hook}`, body, { 'content-type': type });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await deliveries()).toEqual([]);
  });

  it('more than 1 MiB', async () => {
    expect((await sender(`POST ${hook}`, { key: 'x'.repeat(1024 * 1024) })).status).toBe(413);
    expect((await sender(`POST ${hook}`, { key: 'x'.repeat(1024 * 1024 - 20) })).status).toBe(202);
  });

  it('a text that doubles when it is written as JSON, beyond what a run can carry', async () => {
    const answer = await sender(`POST ${hook}`, '"'.repeat(1024 * 1024 - 20), { 'content-type': 'text/plain' });
    expect([answer.status, answer.body.code]).toEqual([413, 'body_too_large']);
    expect(await deliveries()).toEqual([]);
  });

  it('a signature that is missing, wrong, old, or has no secret to compare with', async () => {
    const [signedFlow, path] = await publishedHook('standard');
    const [trigger] = (await developer(`GET /v1/flows/${signedFlow}`)).body.triggers;
    const body = '{"key":"a"}';
    const send = (secret: string, timestamp = Math.floor(Date.now() / 1_000)) =>
      sender(`POST ${path}`, body, {
        'webhook-id': 'evt_1',
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signDelivery(secret, { id: 'evt_1', timestamp, body: new TextEncoder().encode(body) }),
      });
    const mine = createSigningSecret();
    expect((await send(mine)).status).toBe(401);
    const { signingSecret } = (await developer(`POST /v1/flows/${signedFlow}/triggers/${trigger.id}/signing-secret`))
      .body;
    expect((await send(mine)).body.code).toBe('signature_invalid');
    expect((await sender(`POST ${path}`, body)).status).toBe(401);
    expect((await send(signingSecret, Math.floor(Date.now() / 1_000) - 600)).status).toBe(401);
    expect(await deliveries()).toEqual([]);
    expect((await send(signingSecret)).status).toBe(202);
    expect((await send(signingSecret)).status).toBe(202);
    expect(await runs()).toHaveLength(1);
  });

  it('what comes too fast, with the time to wait', async () => {
    const slow = createApp({
      ...api.dependencies,
      settings: {
        ...api.dependencies.settings,
        limits: { ...api.dependencies.settings.limits, deliveriesPerSecond: 2 },
      },
    });
    const answers = [];
    for (let count = 0; count < 3; count += 1) answers.push(await callWith(slow)(`POST ${hook}`, {}));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
    expect(answers[2]?.headers.get('retry-after')).toBe('1');
  });

  it('what is too much at once, with 503', async () => {
    const narrow = createApp({
      ...api.dependencies,
      settings: { ...api.dependencies.settings, limits: { ...api.dependencies.settings.limits, deliveriesAtOnce: 1 } },
    });
    const answers = await Promise.all([1, 2, 3].map(() => callWith(narrow)(`POST ${hook}`, {})));
    const codes = answers.map(({ status, body }) => `${status} ${body.code ?? ''}`.trim()).toSorted();
    expect(codes).toEqual(['202', '503 overloaded', '503 overloaded']);
  });

  it('what cannot be committed: 503 within the time limit, never 2xx', async () => {
    const away = createDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'away' });
    const limits = { ...api.dependencies.settings.limits, deliveryTimeout: 500 };
    const app = createApp({ ...api.dependencies, db: away, settings: { ...api.dependencies.settings, limits } });
    const startedAt = Date.now();
    const answer = await callWith(app)(`POST ${hook}`, {});
    expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(Date.now() - startedAt).toBeLessThan(1_500);
    await away.$client.end({ timeout: 0 });
  });

  it('half of a delivery: without its run there is no delivery either', async () => {
    const broken = {
      ...api.ring,
      sealJson: async (orgId: string, value: never, binding: string) => {
        if (binding.startsWith('runs.trigger')) return null as never;
        return api.ring.sealJson(orgId, value, binding);
      },
    };
    const app = createApp({ ...api.dependencies, ring: broken });
    const answer = await callWith(app)(`POST ${hook}`, { key: 'a' });
    expect([answer.status, answer.body.code]).toEqual([500, 'internal']);
    expect(await deliveries()).toEqual([]);
    expect(await runs()).toEqual([]);
  });
});

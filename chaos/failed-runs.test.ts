import { randomUUID } from 'node:crypto';
import {
  connectionSchema,
  deadLetterListSchema,
  flowSchema,
  flowVersionSummarySchema,
  type Run,
  runListSchema,
  startedRunSchema,
} from '@everwave/schema/api';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type OutsideWorld, startOutsideWorld } from './outside-world.ts';
import { type LiveProduct, startLiveProduct } from './product.ts';

// What an operator does with a run that has failed, from the event to the audit log, with the product as it is started.

const owner = { name: 'Ada', email: 'ada@example.com', password: 'a password of some length' };
const attempts = 3;

let world: OutsideWorld;
let product: LiveProduct;
let sql: postgres.Sql;
/** Of the owner, signed in in a browser. */
let cookie: string;
let flow: z.output<typeof flowSchema>;

beforeAll(async () => {
  world = await startOutsideWorld();
  product = await startLiveProduct(world.egressAllow);
  sql = postgres(product.databaseUrl, { max: 1, connection: { search_path: 'public' } });
  const token = new URL(product.setupUrl ?? '').searchParams.get('token');
  await product.call('POST', '/v1/setup', { token, ...owner }, z.unknown());
  const answer = await fetch(`${product.apiUrl}/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: product.webUrl },
    body: JSON.stringify({ email: owner.email, password: owner.password }),
  });
  cookie = answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  flow = await publishFlow();
}, 300_000);

afterAll(async () => {
  await sql?.end();
  await product?.stop();
  await world?.close();
}, 60_000);

/** Webhook → Slack message → a look at the shop, which fails → return. */
const publishFlow = async (): Promise<z.output<typeof flowSchema>> => {
  const connect = async (kind: 'slack' | 'http') =>
    (await product.call('POST', '/v1/connections', world.connections[kind], connectionSchema)).id;
  const [slack, http] = [await connect('slack'), await connect('http')];
  const text = 'Order {{ trigger.body.orderId }}';
  const policy = { maximumAttempts: attempts, initialInterval: '100ms', maximumInterval: '200ms' };
  const graph = {
    nodes: [
      { id: 'order', kind: 'trigger.webhook', title: 'An order comes in' },
      {
        id: 'tell',
        kind: 'slack.postMessage',
        title: 'Tell',
        connectionId: slack,
        input: { channel: '#orders', text },
      },
      {
        id: 'look',
        kind: 'http.request',
        title: 'Look the customer up',
        connectionId: http,
        policy,
        input: { method: 'GET', url: '/customers/{{ trigger.body.customerId }}' },
      },
      { id: 'done', kind: 'control.return', title: 'Done', input: { output: '{{ steps.look.output.body.email }}' } },
    ],
    edges: [
      { id: 'a', from: 'order', to: 'tell' },
      { id: 'b', from: 'tell', to: 'look' },
      { id: 'c', from: 'look', to: 'done' },
    ],
  };
  const { id } = await product.call('POST', '/v1/flows', { name: 'Customers', graph }, flowSchema);
  await product.call('POST', `/v1/flows/${id}/publish`, {}, flowVersionSummarySchema);
  return product.call('GET', `/v1/flows/${id}`, undefined, flowSchema);
};

const deliver = async (orderId: string): Promise<string> => {
  const response = await fetch(flow.triggers[0]?.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'webhook-id': `delivery-${orderId}` },
    body: JSON.stringify({ orderId, customerId: 'c_1' }),
  });
  expect(response.ok).toBe(true);
  return startedRunSchema.parse(await response.json()).runId;
};
const page = async (path: string): Promise<string> => {
  const answer = await fetch(`${product.webUrl}${path}`, { headers: { cookie } });
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.text();
};
const breaksShop = () => world.http.faults.add({ path: '/customers', how: 'answer', status: 503, times: 10_000 });
const repairsShop = () => world.http.faults.clear();
const parked = (runId: string) =>
  product.waitFor(runId, 'needed attention', ({ status }) => status === 'needs_attention');
const succeeded = (runId: string) => product.waitFor(runId, 'succeeded', ({ status }) => status === 'succeeded');
const stepOf = ({ steps }: Run, path: string) => {
  const step = steps.findLast((each) => each.path === path);
  if (!step) throw new Error(`The run has no step ${path}.`);
  return step;
};
const openLetters = async (runId: string) => {
  const { items } = await product.call('GET', '/v1/dead-letters', undefined, deadLetterListSchema);
  return items.filter((letter) => letter.runId === runId);
};
const logsOf = (runId: string) => sql`select * from run_logs where run_id = ${runId} order by id`;
const auditOf = (targetId: string) =>
  sql`select action, actor_name, details from audit_events where target_id = ${targetId} order by id`;

/** What the Temporal UI asks its server for. */
const temporal = async <Reply>(path: string): Promise<Reply> => {
  const { origin, pathname } = new URL((await product.readRun(lastRun)).temporalUrl ?? '');
  const namespace = pathname.split('/')[2];
  const answer = await fetch(`${origin}/api/v1/namespaces/${namespace}/${path}`);
  expect([path, answer.status]).toEqual([path, 200]);
  return (await answer.json()) as Reply;
};
let lastRun = '';
const found = async (query: string): Promise<readonly string[]> => {
  const { executions = [] } = await temporal<{ executions?: { execution: { workflowId: string } }[] }>(
    `workflows?query=${encodeURIComponent(query)}`,
  );
  return executions.map(({ execution }) => execution.workflowId);
};
/** What it shows of a history, once our codec has opened it for whoever is signed in. */
const opened = async (workflowId: string): Promise<string> => {
  const history = await temporal<unknown>(`workflows/${encodeURIComponent(workflowId)}/history`);
  const payloads: unknown[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('metadata' in value && 'data' in value) payloads.push(value);
    else Object.values(value).forEach(collect);
  };
  collect(history);
  const answer = await fetch(`${product.apiUrl}/codec/decode`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: product.webUrl, cookie },
    body: JSON.stringify({ payloads }),
  });
  expect(answer.status).toBe(200);
  const { payloads: plain } = (await answer.json()) as { payloads: { data: string }[] };
  const values = plain.map(({ data }) => Buffer.from(data, 'base64').toString());
  return `${JSON.stringify(history)}\n${values.join('\n')}`;
};

describe('an event whose run fails', () => {
  it('becomes one run and one dead letter, is seen everywhere, and succeeds when it is replayed', async () => {
    breaksShop();
    const order = `E${randomUUID().slice(0, 8)}`;
    const runId = await deliver(order);
    // The same delivery once more.
    expect(await deliver(order)).toBe(runId);
    lastRun = runId;
    const failed = await parked(runId);
    expect(stepOf(failed, 'look')).toMatchObject({ status: 'needs_attention', attempts });
    expect(
      failed.attempts.filter(({ path }) => path === 'look').map(({ attempt, status }) => [attempt, status]),
    ).toEqual(Array.from({ length: attempts }, (_, index) => [index + 1, 'failed']));
    expect(world.http.requests.filter(({ path }) => path.startsWith('/customers'))).toHaveLength(attempts);
    expect(await openLetters(runId)).toMatchObject([{ path: 'look', attempts, flowName: 'Customers' }]);

    // In our pages and in the Temporal UI.
    expect(await page(`/runs/${runId}`)).toContain('Look the customer up');
    expect(await page('/attention')).toContain('Look the customer up');
    const { workflowId } = failed;
    await expect.poll(() => found('EverwaveStatus = "needs_attention"'), { timeout: 20_000 }).toContain(workflowId);
    const before = await logsOf(runId);
    expect(before.length).toBeGreaterThan(0);

    repairsShop();
    await product.repair(runId, { action: 'retryStep', path: 'look' });
    expect((await succeeded(runId)).output).toContain('@');
    expect(await openLetters(runId)).toEqual([]);
    expect(world.effectsOf(order).messages).toBe(1);
    const runs = await product.call('GET', `/v1/runs?flowId=${flow.id}`, undefined, runListSchema);
    expect(runs.items).toHaveLength(1);

    // What was written stands; the database itself refuses to change it.
    const after = await logsOf(runId);
    expect(after.slice(0, before.length)).toEqual([...before]);
    expect(after.length).toBeGreaterThan(before.length);
    await expect(sql`update run_logs set message = 'changed' where run_id = ${runId}`).rejects.toThrow(/append-only/);
    await expect(sql`delete from run_logs where run_id = ${runId}`).rejects.toThrow(/append-only/);

    // Run again as a whole: another run, with the same input and version, that names the first.
    const again = await product.call('POST', `/v1/runs/${runId}/rerun`, {}, startedRunSchema);
    const second = await succeeded(again.runId);
    expect(second).toMatchObject({ rerunOfRunId: runId, forkOfRunId: null, flowVersion: 1 });
    expect(second.trigger.data).toEqual(failed.trigger.data);
    expect(world.effectsOf(order).messages).toBe(2);
  });
});

describe('an operator', () => {
  it('finds a failed run, reads it in both places, and starts it again from the step that failed', async () => {
    breaksShop();
    const order = `O${randomUUID().slice(0, 8)}`;
    const runId = await deliver(order);
    lastRun = runId;
    const failed = await parked(runId);
    const { workflowId } = failed;
    const org = workflowId.split('/')[1] ?? '';

    // Found by flow and by org, in Temporal and in our list.
    for (const query of [`EverwaveFlow = "${flow.id}"`, `EverwaveOrg = "${org}" and EverwaveFailingStep = "look"`])
      await expect.poll(() => found(query), { timeout: 20_000 }).toContain(workflowId);
    const listed = await product.call(
      'GET',
      `/v1/runs?flowId=${flow.id}&status=needs_attention`,
      undefined,
      runListSchema,
    );
    expect(listed.items.map(({ id }) => id)).toEqual([runId]);

    // Input, output, attempts and error, in our page's source and in Temporal's history.
    expect(stepOf(failed, 'look').input).toMatchObject({ url: '/customers/c_1' });
    expect(stepOf(failed, 'tell').output).toMatchObject({ channel: expect.any(String) });
    expect(stepOf(failed, 'look').failure?.message).toContain('503');
    expect(await page(`/runs/${runId}?step=look`)).toContain('/customers/c_1');
    const history = await opened(workflowId);
    expect(history).toContain('/customers/c_1');
    expect(history).toContain(`Order ${order}`);
    expect(history).toContain('503');
    expect(history).toMatch(new RegExp(`"attempt":\\s*${attempts}`));

    repairsShop();
    const body = { from: 'look' };
    const started = await product.call('POST', `/v1/runs/${runId}/fork`, body, startedRunSchema);
    const next = await succeeded(started.runId);
    expect(next).toMatchObject({ forkOfRunId: runId, forkAt: 'look', rootRunId: runId });
    const origin = await product.waitFor(runId, 'was superseded', ({ status }) => status === 'superseded');
    expect(origin.supersededByRunId).toBe(started.runId);
    expect(origin.forks.map(({ id }) => id)).toEqual([started.runId]);
    await expect.poll(() => found(`EverwaveForkOf = "${runId}"`), { timeout: 20_000 }).toEqual([next.workflowId]);
    // Nothing before the step ran again.
    expect(world.effectsOf(order).messages).toBe(1);
    const [noted] = await auditOf(started.runId);
    expect(noted).toMatchObject({ action: 'run.forked', actor_name: expect.stringMatching(/.+/) });
    expect(noted?.['details']).toMatchObject({ forkOfRunId: runId, from: 'look' });
  });
});

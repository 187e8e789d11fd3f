import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { tables, withSystem } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { aPlan, anAction } from '../../schema/src/interpreter/testing/a-plan.ts';
import { startForkOf } from './fork-of.ts';
import { type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { dropProjection, reconcile } from './rebuild.ts';
import { createSiteHarness } from './site-harness.ts';

const { blobUses } = tables;
const bill = randomBytes(3_000_000);
const sha256 = createHash('sha256').update(bill).digest('hex');
const taken: { readonly url: string; readonly isBill: boolean }[] = [];
const site = createServer((request, response) => {
  void buffer(request).then((body) => {
    const url = request.url ?? '';
    if (request.method === 'GET') return response.setHeader('content-type', 'application/pdf').end(bill);
    taken.push({ url, isBill: body.includes(bill) });
    return response.end();
  });
});

let harness: Harness;
let address: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ harness, address, close } = await createSiteHarness(site));
});
beforeEach(() => void taken.splice(0));
afterAll(() => close());

const fetchBill = (path = '/bill.pdf') =>
  anAction({
    activity: 'http.request@1',
    input: { url: `${address}${path}`, responseType: 'file' },
    effect: 'reads',
    idempotency: 'nature',
    options: retrying(2),
  });
const put = (path: string, input: { readonly [name: string]: Json }) =>
  anAction({
    activity: 'http.request@1',
    input: { method: 'PUT', url: `${address}${path}`, ...input },
    options: retrying(2),
  });
const usesOf = async ({ runId }: Pick<RunUnderTest, 'runId'>) =>
  (await withSystem(harness.db, (tx) => tx.select().from(blobUses).where(eq(blobUses.runId, runId))))
    .map((row) => `${row.path} ${row.name}`)
    .toSorted();
const failureOf = async (run: RunUnderTest, path: string) =>
  (await run.projection()).steps.find((step) => step.path === path)?.failure;

it('a file goes through variables, a loop and a fork, and its content is in no history', async () => {
  const plan = aPlan({
    steps: {
      fetch: fetchBill(),
      remember: { type: 'setVariables', variables: { bill: '{{ steps.fetch.output.file }}' } },
      each: {
        type: 'forEach',
        items: ['a', 'b'],
        concurrency: 2,
        onItemFailure: 'park',
        result: '{{ steps.send.output.status }}',
      },
      send: put('/send/{{ item }}', { bodyType: 'multipart', body: { who: '{{ item }}', bill: '{{ vars.bill }}' } }),
      last: put('/last', { bodyType: 'file', body: '{{ vars.bill }}' }),
      done: { type: 'return', output: { file: '{{ vars.bill }}' } },
    },
    edges: ['start -> fetch', 'fetch -> remember', 'remember -> each', 'each -> last', 'last -> done'],
    frames: { each: ['send'] },
  });
  const run = await harness.start(plan);
  await untilStatus(run, 'succeeded');
  expect((await run.projection()).run.output).toEqual({
    file: { ref: `blob:${sha256}`, name: 'bill.pdf', mediaType: 'application/pdf', bytes: bill.length, sha256 },
  });
  expect(taken.toSorted((one, other) => one.url.localeCompare(other.url))).toEqual([
    { url: '/last', isBill: true },
    { url: '/send/a', isBill: true },
    { url: '/send/b', isBill: true },
  ]);
  expect(JSON.stringify(await run.handle.fetchHistory()).length).toBeLessThan(200_000);
  expect(await usesOf(run)).toEqual(['fetch file:1']);

  const fork = await startForkOf(harness, run, { at: 'last' });
  await untilStatus(fork, 'succeeded');
  expect(taken.filter(({ url }) => url === '/last')).toEqual([
    { url: '/last', isBill: true },
    { url: '/last', isBill: true },
  ]);
  expect(await usesOf(fork)).toEqual(['fetch file:1']);
  await dropProjection(harness, run);
  expect(await reconcile(harness, run)).toBe('equal');
}, 120_000);

it('a file goes into a sub-flow, and one that it makes comes out', async () => {
  const child = {
    ...aPlan({
      steps: {
        send: put('/child', { bodyType: 'file', body: '{{ trigger.body.bill }}' }),
        make: fetchBill('/made.pdf'),
        done: { type: 'return', output: '{{ steps.make.output.file }}' },
      },
      edges: ['start -> send', 'send -> make', 'make -> done'],
    }),
    flowId: 'flow_2',
    title: 'Child',
  };
  const run = await harness.start(
    aPlan({
      steps: {
        fetch: fetchBill(),
        call: {
          type: 'subflow',
          plan: child,
          planHash: 'other',
          trigger: { stepId: 'start', kind: 'trigger.manual' },
          input: { bill: '{{ steps.fetch.output.file }}' },
          mode: 'wait',
        },
        after: put('/after', { bodyType: 'file', body: '{{ steps.call.output }}' }),
      },
      edges: ['start -> fetch', 'fetch -> call', 'call -> after'],
    }),
  );
  await untilStatus(run, 'succeeded');
  expect(taken).toEqual([
    { url: '/child', isBill: true },
    { url: '/after', isBill: true },
  ]);
}, 60_000);

it('a value that looks like a file of another run opens nothing', async () => {
  const plan = aPlan({
    steps: { send: put('/forged', { bodyType: 'file', body: '{{ trigger.file }}' }) },
    edges: ['start -> send'],
  });
  const file = { ref: `blob:${sha256}`, name: 'bill.pdf', mediaType: 'application/pdf', bytes: bill.length, sha256 };
  const run = await harness.start(plan, { trigger: { file } });
  await untilStatus(run, 'needs_attention');
  expect(await failureOf(run, 'send')).toMatchObject({
    name: 'invalid_body',
    message: expect.stringContaining('This run has no file "bill.pdf"') as string,
  });
  expect(taken).toEqual([]);
}, 60_000);

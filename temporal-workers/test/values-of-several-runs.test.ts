import { tables, withSystem } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { collectBlob, readBlob } from '@everwave/temporal/values';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { removeUnusedBlobs } from '../src/reconciler/remove-unused-blobs.ts';
import { startForkOf } from './fork-of.ts';
import { type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';
import { createValuesSite, type ValuesSite } from './values-site.ts';

const { blobParts, blobs, blobUses, runs } = tables;
const day = 86_400_000;
let site: ValuesSite;
let harness: Harness;

beforeAll(async () => {
  site = await createValuesSite('none');
  ({ harness } = site);
});
afterAll(() => site.close());

const usesOf = async ({ runId }: Pick<RunUnderTest, 'runId'>) => {
  const rows = await withSystem(harness.db, (tx) => tx.select().from(blobUses).where(eq(blobUses.runId, runId)));
  return rows.map(({ path, name, sha256 }) => ({ path, name, sha256 }));
};
const countParts = async (): Promise<number> =>
  (await withSystem(harness.db, (tx) => tx.select().from(blobParts))).length;
const valueOf = async (sha256: string): Promise<Json> => {
  const blob = await readBlob(harness.db, harness.ring, harness.orgId, sha256);
  if (!blob) throw new Error(`No value ${sha256} is stored.`);
  return JSON.parse((await collectBlob(blob)).toString('utf8')) as Json;
};
const outputOf = async (run: RunUnderTest, path: string) => {
  const { steps } = await run.projection();
  return (steps.find((step) => step.path === path)?.output as { reference?: { sha256: string } } | undefined)
    ?.reference;
};
/** As if the run and all that is known of it had been removed long ago. */
const removeRun = async ({ runId }: RunUnderTest): Promise<void> => {
  await withSystem(harness.db, (tx) => tx.delete(runs).where(eq(runs.id, runId)));
  for (const inDays of [8, 16]) {
    await removeUnusedBlobs(harness.db, { grace: 7 * day, limit: 100 }, Date.now() + inDays * day);
  }
};

describe('a fork of a run with an output of 25 MB', () => {
  it('has the same value, stored once, also when the run before is gone', async () => {
    const plan = aPlan({
      steps: {
        fetch: site.get('/size/25000000'),
        remember: { type: 'setVariables', variables: { page: '{{ steps.fetch.output.body }}', one: 1 } },
        send: site.post('/send', '{{ vars.page }}'),
        done: { type: 'return', output: '{{ vars.page }}' },
      },
      edges: ['start -> fetch', 'fetch -> remember', 'remember -> send', 'send -> done'],
    });
    const origin = await harness.start(plan);
    await untilStatus(origin, 'succeeded', 80_000);
    const { sha256 } = (await outputOf(origin, 'fetch')) ?? { sha256: '' };
    const before = await countParts();
    const fork = await startForkOf(harness, origin, { at: 'send' });
    const written = await untilStatus(fork, 'succeeded', 80_000);
    // The page alone was a part of what the step had set, and is a value of its own already.
    expect(await countParts()).toBe(before);
    expect(await outputOf(fork, 'fetch')).toMatchObject({ sha256 });
    expect(await usesOf(fork)).toContainEqual({ path: 'fetch', name: 'output', sha256 });
    const sent = site.posted.get('/send') ?? [];
    expect(sent).toHaveLength(2);
    expect(sent[1]).toBe(sent[0]);

    await dropProjection(harness, fork);
    expect(await reconcile(harness, fork)).toBe('equal');
    expect(comparable(await fork.projection())).toEqual(comparable(written));

    await removeRun(origin);
    expect(await usesOf(origin)).toEqual([]);
    expect(await valueOf(sha256)).toMatchObject({ status: 200, body: { total: 42 } });
  }, 180_000);

  it('puts together anew what its loop gave, out of what stands', async () => {
    const plan = aPlan({
      steps: {
        each: {
          type: 'forEach',
          items: [1, 2],
          concurrency: 1,
          onItemFailure: 'park',
          result: '{{ steps.fetch.output.body }}',
        },
        fetch: site.get('/size/{{ item * 40000 }}'),
        after: site.post('/after', '{{ steps.each.output.results }}'),
        done: { type: 'return', output: '{{ steps.each.output }}' },
      },
      edges: ['start -> each', 'each -> after', 'after -> done'],
      frames: { each: ['fetch'] },
    });
    const origin = await harness.start(plan);
    await untilStatus(origin, 'succeeded');
    const fork = await startForkOf(harness, origin, { at: 'each[1].fetch' });
    const written = await untilStatus(fork, 'succeeded');
    expect(await outputOf(fork, 'each')).toEqual(await outputOf(origin, 'each'));
    await dropProjection(harness, fork);
    expect(await reconcile(harness, fork)).toBe('equal');
    expect(comparable(await fork.projection())).toEqual(comparable(written));
  }, 60_000);
});

it('the large value of a sub-flow is also that of the run that waited for it', async () => {
  const child = {
    ...aPlan({
      steps: { fetch: site.get('/size/300000'), done: { type: 'return', output: '{{ steps.fetch.output }}' } },
      edges: ['start -> fetch', 'fetch -> done'],
    }),
    flowId: 'flow_2',
    title: 'Fetching',
  };
  const run = await harness.start(
    aPlan({
      steps: {
        ask: {
          type: 'subflow',
          plan: child,
          planHash: 'other',
          trigger: { stepId: 'start', kind: 'trigger.manual' },
          input: {},
          mode: 'wait',
        },
        total: site.post('/total', '{{ steps.ask.output.body.total }}'),
        done: { type: 'return', output: '{{ steps.ask.output }}' },
      },
      edges: ['start -> ask', 'ask -> total', 'total -> done'],
    }),
  );
  const written = await untilStatus(run, 'succeeded');
  const { sha256 } = (await outputOf(run, 'ask')) ?? { sha256: '' };
  expect(written.run.output).toMatchObject({ reference: { sha256 } });
  expect(site.posted.get('/total')).toEqual([2]);
  expect(await usesOf(run)).toContainEqual({ path: 'ask', name: 'output', sha256 });
  const stored = await withSystem(harness.db, (tx) => tx.select().from(blobs).where(eq(blobs.sha256, sha256)));
  expect(stored).toHaveLength(1);
  await dropProjection(harness, run);
  expect(await reconcile(harness, run)).toBe('equal');
  expect(comparable(await run.projection())).toEqual(comparable(written));
});

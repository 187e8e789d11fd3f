import { randomUUID } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { batchWorkflowIdOf } from '@everwave/schema/run';
import { repairRun } from '@everwave/temporal/runs';
import { collectBlob, readBlob } from '@everwave/temporal/values';
import proto from '@temporalio/proto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aPlan, type PlanDraft } from '../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../schema/src/interpreter/testing/with-batches.ts';
import { eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';
import { createValuesSite, type ValuesSite } from './values-site.ts';

let site: ValuesSite;
let harness: Harness;

beforeAll(async () => {
  site = await createValuesSite('none');
  ({ harness } = site);
});
afterAll(() => site.close());

const { History } = proto.temporal.api.history.v1;
const size = 20_000;
/** Of the JSON text that an item sends: its own and the one from around the loop, in quotes. */
const sentBy = (index: number): number => 2 * size + index + 2;

/** A loop over ids from a large output. Each item gives a large output, and sends it on together with one from around the loop. */
const loopOver = (count: number, frame: PlanDraft['steps'], batches: readonly [size: number, above: number]) => ({
  plan: withBatches(
    aPlan({
      steps: {
        list: site.post('/echo/list', '{{ trigger }}'),
        each: {
          type: 'forEach',
          items: '{{ steps.list.output.body.ids }}',
          concurrency: 10,
          onItemFailure: 'park',
          result: '{{ steps.load.output }}',
        },
        load: site.get(`/size/{{ ${size} + item }}`),
        ...frame,
        after: site.post('/after', '{{ $count(steps.each.output.results.body.text) }}'),
        done: { type: 'return', output: '{{ steps.each.output }}' },
      },
      edges: ['start -> list', 'list -> each', 'load -> send', 'each -> after', 'after -> done'],
      frames: { each: ['load', 'send'] },
    }),
    ...batches,
  ),
  trigger: { ids: Array.from({ length: count }, (_, index) => index), text: 'x'.repeat(size) },
});

const valueOf = async (shown: unknown): Promise<Json> => {
  const { sha256 } = (shown as { reference: { sha256: string } }).reference;
  const blob = await readBlob(harness.db, harness.ring, harness.orgId, sha256);
  if (!blob) throw new Error(`No value ${sha256} is stored.`);
  return JSON.parse((await collectBlob(blob)).toString('utf8')) as Json;
};
const historyBytes = async (workflowId: string): Promise<number> =>
  History.encode(await harness.client.workflow.getHandle(workflowId).fetchHistory()).finish().length;
const everyStep = async (run: RunUnderTest, status: string) =>
  eventually(
    () => run.projection(),
    ({ run: row, steps }) => row.status === status && steps.every((step) => step.status === 'succeeded'),
  );

it('a loop of more than one batch takes references in, and gives a value put together of theirs', async () => {
  const count = 230;
  const send = site.post('/send/{{ item }}', '{{ steps.load.output.body.text & steps.list.output.body.text }}');
  const { plan, trigger } = loopOver(count, { send }, [200, 200]);
  const run = await harness.start(plan, { trigger });
  await eventually(
    () => run.projection(),
    ({ run: row }) => row.status === 'succeeded',
    120_000,
  );
  const written = await everyStep(run, 'succeeded');

  const output = (await valueOf(written.run.output)) as {
    results: { body: { text: string } }[];
    count: number;
    failed: Json;
  };
  expect(output).toMatchObject({ count, failed: [] });
  expect(output.results.map(({ body }) => body.text.length)).toEqual(
    Array.from({ length: count }, (_, index) => size + index),
  );
  // Each item was sent once, with what it had loaded and what stands around the loop.
  expect(Array.from({ length: count }, (_, index) => site.posted.get(`/send/${index}`))).toEqual(
    Array.from({ length: count }, (_, index) => [sentBy(index)]),
  );
  expect(site.posted.get('/after')).toEqual([String(count).length]);

  const batches = [0, 1].map((number) =>
    batchWorkflowIdOf(harness.orgId, run.runId, { path: 'each', ordinal: 1, number }),
  );
  // The items gave 4.6 MB, and handled three times as much.
  expect(await historyBytes(run.workflowId)).toBeLessThan(250_000);
  expect(await historyBytes(batches[0] ?? '')).toBeLessThan(200 * 8_000);
  const uses = await withSystem(harness.db, (tx) =>
    tx.select().from(tables.blobUses).where(eq(tables.blobUses.runId, run.runId)),
  );
  expect(uses.filter(({ path }) => path.endsWith('.load'))).toHaveLength(count);

  await dropProjection(harness, run);
  expect(await reconcile(harness, run)).toBe('equal');
  expect(comparable(await run.projection())).toEqual(comparable(written));
}, 180_000);

it('an item that parks in a batch is retried with the large input it had', async () => {
  const send = site.post('/moody/{{ item }}', '{{ steps.load.output.body.text & steps.list.output.body.text }}');
  const { plan, trigger } = loopOver(3, { send }, [2, 0]);
  const run = await harness.start(plan, { trigger });
  const parked = () => run.projection().then(({ steps }) => steps.filter(({ status }) => status === 'needs_attention'));
  const letters = await eventually(parked, (steps) => steps.length === 3);
  expect(letters[0]?.input).toMatchObject({ recipe: { references: [{}, {}] } });
  for (const { path, ordinal } of letters) {
    const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
    const request = { requestId: randomUUID(), by, path, letter: { path, ordinal } };
    const repaired = await repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, 'retryStep', request);
    expect(repaired).toMatchObject({ ok: true });
  }
  await untilStatus(run, 'succeeded');
  expect([0, 1, 2].map((index) => site.posted.get(`/moody/${index}`))).toEqual(
    [0, 1, 2].map((index) => [sentBy(index), sentBy(index)]),
  );
}, 60_000);

import { randomBytes, randomUUID } from 'node:crypto';
import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { valueLimits } from '@everwave/schema/run';
import { decodePayloads } from '@everwave/temporal/codec';
import { collectBlob, keepBlob, readBlob } from '@everwave/temporal/values';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { removeUnusedBlobs } from '../src/reconciler/remove-unused-blobs.ts';
import { type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { createValuesSite, type ValuesSite } from './values-site.ts';

const { blobParts, blobs, blobUses, deliveries, runs } = tables;
const mebibyte = 1_048_576;
const canary = `canary${randomBytes(8).toString('hex')}`;
const day = 86_400_000;

let site: ValuesSite;
let harness: Harness;
let posted: ValuesSite['posted'];
const get: ValuesSite['get'] = (...step) => site.get(...step);
const post: ValuesSite['post'] = (...step) => site.post(...step);

beforeAll(async () => {
  site = await createValuesSite(canary);
  ({ harness, posted } = site);
});
afterAll(() => site.close());

const { History, HistoryEvent } = proto.temporal.api.history.v1;
const historyBytes = async (run: RunUnderTest): Promise<number> =>
  History.encode(await run.handle.fetchHistory()).finish().length;
/** Bytes of every event about one activity. */
const activityBytes = async (run: RunUnderTest, activityId: string): Promise<number> => {
  const { events = [] } = await run.handle.fetchHistory();
  const scheduled = (events ?? []).find(
    (event) => event.activityTaskScheduledEventAttributes?.activityId === activityId,
  );
  const ended = (events ?? []).find(
    (event) => String(event.activityTaskCompletedEventAttributes?.scheduledEventId) === String(scheduled?.eventId),
  );
  if (!scheduled || !ended) throw new Error(`The history has no activity ${activityId}.`);
  return HistoryEvent.encode(scheduled).finish().length + HistoryEvent.encode(ended).finish().length;
};
/** Every payload of a history, wherever in it. */
const payloadsIn = (part: unknown): readonly Payload[] => {
  if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return [];
  const { metadata, data } = part as Payload;
  if (metadata && data instanceof Uint8Array) return [{ metadata, data }];
  return Object.values(part).flatMap(payloadsIn);
};
const blobRows = () => withSystem(harness.db, (tx) => tx.select().from(blobs).where(eq(blobs.orgId, harness.orgId)));

describe('an output of 25 MB', () => {
  const size = 25_000_000;
  let run: RunUnderTest;

  beforeAll(async () => {
    run = await harness.start(
      aPlan({
        steps: {
          fetch: get(`/size/${size}`, ['body.total']),
          part: post('/part', '{{ steps.fetch.output.body.total }}'),
          whole: post('/whole', '{{ steps.fetch.output.body }}'),
          check: {
            type: 'condition',
            condition: { left: '{{ $count(steps.fetch.output.body.rows) }}', operator: 'equals', right: 3 },
          },
          again: get(`/size/${size}`),
          done: { type: 'return', output: '{{ steps.fetch.output }}' },
        },
        edges: [
          'start -> fetch',
          'fetch -> part',
          'part -> whole',
          'whole -> check',
          'check:true -> again',
          'again -> done',
        ],
      }),
    );
    await untilStatus(run, 'succeeded', 100_000);
  }, 120_000);

  it('costs less than 2 KB of history, and the whole run little more', async () => {
    expect(await activityBytes(run, 'fetch')).toBeLessThan(2_048);
    expect(await activityBytes(run, 'whole')).toBeLessThan(3_072);
    expect(await historyBytes(run)).toBeLessThan(25_000);
  });

  it('is read in part and as a whole by later steps, and through a condition', async () => {
    expect(posted.get('/part')).toEqual([2]);
    expect(posted.get('/whole')?.[0]).toBeGreaterThan(size);
    const { steps } = await run.projection();
    const of = (path: string) => steps.find((step) => step.path === path);
    expect(of('check')).toMatchObject({ status: 'succeeded', output: true, attempts: 0 });
    expect(of('part')).toMatchObject({ input: { body: 42 } });
    expect(of('whole')?.input).toMatchObject({ recipe: { references: [{ bytes: expect.any(Number) }] } });
  });

  it('is stored once, sealed, and shown with its size and its beginning', async () => {
    const { steps, run: row } = await run.projection();
    const reference = { bytes: expect.any(Number), preview: expect.stringMatching(/^\{"status":200,/) };
    const fetched = steps.find(({ path }) => path === 'fetch')?.output as {
      reference: { sha256: string; bytes: number };
    };
    expect(fetched.reference).toMatchObject(reference);
    expect(row.output).toMatchObject({ reference: { sha256: fetched.reference.sha256 } });
    const stored = await blobRows();
    const same = stored.filter(({ bytes }) => bytes > size);
    expect(same.map(({ sha256 }) => sha256)).toEqual([fetched.reference.sha256]);
    const blob = await readBlob(harness.db, harness.ring, harness.orgId, fetched.reference.sha256);
    const value = JSON.parse((await collectBlob(blob as NonNullable<typeof blob>)).toString('utf8'));
    expect(value).toMatchObject({ status: 200, body: { total: 42, canary } });
    expect(value.body.text).toHaveLength(size);
  });

  it('is shown by the codec of the Temporal UI as its reference, and nowhere as its content', async () => {
    const payloads = payloadsIn(await run.handle.fetchHistory()).map(({ metadata, data }) => ({
      metadata: Object.fromEntries(
        Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
      data: Buffer.from(data ?? []).toString('base64'),
    }));
    const { ring, orgId } = harness;
    const decoded = await decodePayloads({ ring, payloads, mayRead: (org) => org === orgId });
    expect(decoded.opened).toEqual([orgId]);
    expect(payloads.length).toBeGreaterThan(10);
    const shown = decoded.payloads.map(({ data }) => Buffer.from(data ?? '', 'base64').toString('utf8'));
    const { sha256 } = (await blobRows()).find(({ bytes }) => bytes > size) ?? { sha256: 'none' };
    expect(shown.filter((text) => text.includes(`blob:${sha256}`)).length).toBeGreaterThan(0);
    expect(shown.filter((text) => text.includes('x'.repeat(500)))).toEqual([]);
  });

  it('is another org’s for nobody else, and shows nothing of it in any table', async () => {
    const [row] = await blobRows();
    const foreign = `org_${randomBytes(16).toString('hex')}`;
    expect(await readBlob(harness.db, harness.ring, foreign, row?.sha256 ?? '')).toBeNull();
    for (const table of [blobs, blobParts, blobUses]) {
      const seen = await withOrg(harness.db, foreign, (tx) => tx.select({ n: sql<number>`count(*)::int` }).from(table));
      expect(seen).toEqual([{ n: 0 }]);
    }
    const hits = await withSystem(harness.db, (tx) =>
      tx.execute(sql`select 1 from blob_parts where position(${Buffer.from(canary)}::bytea in sealed) > 0`),
    );
    expect(hits).toHaveLength(0);
    const history = Buffer.from(History.encode(await run.handle.fetchHistory()).finish());
    expect(history.includes(canary)).toBe(false);
  });
});

it('thirty steps with 1 MiB in and out leave a small history', async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const steps = Object.fromEntries(
    ids.map((id, index) => [
      id,
      index === 0 ? get(`/size/${mebibyte}`) : post(`/echo/${id}`, `{{ steps.s${index - 1}.output.body }}`),
    ]),
  );
  const edges = ids.map((id, index) => `${index === 0 ? 'start' : `s${index - 1}`} -> ${id}`);
  const run = await harness.start(aPlan({ steps, edges }));
  await run.result();
  expect(posted.get('/echo/s29')?.[0]).toBeGreaterThan(mebibyte);
  expect(await historyBytes(run)).toBeLessThan(250_000);
}, 120_000);

it('a step of the express lane that returns much stays in its lane', async () => {
  const run = await harness.start(
    aPlan({ steps: { fetch: { ...get(`/size/${60_000}`), lane: 'express' } }, edges: ['start -> fetch'] }),
  );
  await untilStatus(run, 'succeeded');
  const { events } = await run.handle.fetchHistory();
  expect((events ?? []).some((event) => event.activityTaskScheduledEventAttributes)).toBe(false);
  const { steps } = await run.projection();
  expect(steps.find(({ path }) => path === 'fetch')?.output).toMatchObject({
    reference: { bytes: expect.any(Number) },
  });
});

describe('values that nothing has any more', () => {
  const keep = (runId: string, path: string, content: string, ordinal = 1) =>
    keepBlob(
      harness.db,
      harness.ring,
      { orgId: harness.orgId, runId, path, ordinal, name: 'output' },
      { content: Buffer.from(content.padEnd(valueLimits.inline + 1)), mediaType: 'application/json' },
    );
  const has = async (sha256: string) => (await readBlob(harness.db, harness.ring, harness.orgId, sha256)) !== null;
  const sweep = (inDays: number) =>
    removeUnusedBlobs(harness.db, { grace: 7 * day, limit: 100 }, Date.now() + inDays * day);
  const aRun = async (status: 'running' | 'succeeded') => {
    const run = await harness.start(
      aPlan({ steps: { pause: { type: 'delay', duration: '1h' } }, edges: ['start -> pause'] }),
    );
    await untilStatus(run, 'waiting');
    if (status === 'succeeded') {
      await run.handle.terminate();
      const finishedAt = new Date();
      await withSystem(harness.db, (tx) => tx.update(runs).set({ status, finishedAt }).where(eq(runs.id, run.runId)));
    }
    return run.runId;
  };

  it('are removed after the grace, and those of open, finished and other runs never', async () => {
    const [open, finished, gone] = [await aRun('running'), await aRun('succeeded'), `run_${randomUUID()}`];
    const ofOpen = await keep(open, 'a', 'of an open run');
    const ofFinished = await keep(finished, 'a', 'of a finished run');
    const shared = await keep(gone, 'a', 'of both');
    expect(await keep(open, 'b', 'of both')).toBe(shared);
    const orphan = await keep(gone, 'b', 'of a run that is gone');
    const replaced = await keep(open, 'c', 'of an attempt that died');
    const kept = await keep(open, 'c', 'of the attempt after it');
    await sweep(6);
    expect(await Promise.all([orphan, replaced].map(has))).toEqual([true, true]);
    await sweep(8);
    await sweep(16);
    expect(await Promise.all([orphan, replaced].map(has))).toEqual([false, false]);
    expect(await Promise.all([ofOpen, ofFinished, shared, kept].map(has))).toEqual([true, true, true, true]);
    const parts = await withSystem(harness.db, (tx) => tx.select().from(blobParts).where(eq(blobParts.sha256, orphan)));
    expect(parts).toEqual([]);
  });

  it('are removed when the delivery that was to bring them never came about, and stay with one that is held', async () => {
    const held = `dlv_${randomBytes(16).toString('hex')}`;
    await withSystem(harness.db, (tx) =>
      tx.insert(deliveries).values({
        id: held,
        orgId: harness.orgId,
        flowId: 'flow_1',
        triggerId: 'trg_1',
        deliveryId: held,
        status: 'held',
        payloadSealed: new Uint8Array([1]),
        payloadBytes: 1,
      }),
    );
    const ofHeld = await keep(held, 'form', 'of a held delivery');
    const ofNone = await keep(`dlv_${randomBytes(16).toString('hex')}`, 'form', 'of an upload that died');
    await sweep(8);
    await sweep(16);
    expect([await has(ofHeld), await has(ofNone)]).toEqual([true, false]);
  });

  it('cannot be removed by mistake while a run has them: the database refuses', async () => {
    const used = await keep(await aRun('running'), 'a', 'in use');
    await expect(withSystem(harness.db, (tx) => tx.delete(blobs).where(eq(blobs.sha256, used)))).rejects.toThrow();
    expect(await has(used)).toBe(true);
  });

  it('are finished by whoever keeps the same one, when a process died on the way', async () => {
    const content = Buffer.from('half'.padEnd(3 * mebibyte));
    const use = { orgId: harness.orgId, runId: await aRun('running'), path: 'a', ordinal: 1, name: 'output' };
    const sha256 = await keepBlob(harness.db, harness.ring, use, { content, mediaType: 'application/json' });
    await withSystem(harness.db, async (tx) => {
      await tx.update(blobs).set({ completedAt: null }).where(eq(blobs.sha256, sha256));
      await tx.delete(blobParts).where(sql`${blobParts.sha256} = ${sha256} and ${blobParts.part} > 0`);
    });
    expect(await has(sha256)).toBe(false);
    await keepBlob(harness.db, harness.ring, use, { content, mediaType: 'application/json' });
    const blob = await readBlob(harness.db, harness.ring, harness.orgId, sha256);
    expect((await collectBlob(blob as NonNullable<typeof blob>)).equals(content)).toBe(true);
  });
});

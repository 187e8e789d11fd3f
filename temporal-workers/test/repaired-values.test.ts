import { randomUUID } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import type { RepairRequest } from '@everwave/schema/run';
import { type RepairAction, repairRun } from '@everwave/temporal/runs';
import { collectBlob, readBlob } from '@everwave/temporal/values';
import type { Payload } from '@temporalio/common';
import { and, asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { startForkOf } from './fork-of.ts';
import { type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';
import { createValuesSite, type ValuesSite } from './values-site.ts';

// A step waits for a person, and what it was given, or is to give, is a value that the run keeps outside of its history.

const size = 5_000_000;
let site: ValuesSite;
let harness: Harness;
beforeAll(async () => {
  site = await createValuesSite('none');
  ({ harness } = site);
});
afterAll(() => site.close());

const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const repair = async (run: RunUnderTest, action: RepairAction, request: Partial<RepairRequest>) =>
  expect(
    await repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, action, {
      requestId: randomUUID(),
      by,
      path: 'send',
      ...request,
    }),
  ).toMatchObject({ ok: true });

const payloadBytes = (part: unknown): number => {
  if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return 0;
  const { metadata, data } = part as Payload;
  if (metadata && data instanceof Uint8Array) return data.length;
  return Object.values(part).reduce((sum: number, each) => sum + payloadBytes(each), 0);
};
/** Bytes of payload in the largest event behind the first, which holds the plan. */
const largestPayload = async (run: RunUnderTest): Promise<number> => {
  const { events } = await run.handle.fetchHistory();
  return Math.max(...(events ?? []).slice(1).map(payloadBytes));
};
const effectsOf = ({ runId }: RunUnderTest) =>
  withSystem(harness.db, (tx) =>
    tx
      .select({ state: tables.effects.state, ordinal: tables.effects.ordinal, attempt: tables.effects.attempt })
      .from(tables.effects)
      .where(and(eq(tables.effects.runId, runId), eq(tables.effects.path, 'send')))
      .orderBy(asc(tables.effects.createdAt)),
  );
const valueOf = async (shown: unknown): Promise<Json> => {
  const { sha256 } = (shown as { reference: { sha256: string } }).reference;
  const blob = await readBlob(harness.db, harness.ring, harness.orgId, sha256);
  if (!blob) throw new Error(`No value ${sha256} is stored.`);
  return JSON.parse((await collectBlob(blob)).toString('utf8')) as Json;
};

/** Under a key, so that the ledger tells what was sent. */
const posting = (where: string) => {
  const step = site.post(where, '{{ steps.fetch.output.body }}');
  return { ...step, input: { ...(step.input as object), method: 'POST', duplicates: 'key' } };
};

let run: RunUnderTest;
let path: string;
beforeEach(async () => {
  path = `/moody/echo/${randomUUID()}`;
  run = await harness.start(
    aPlan({
      steps: {
        fetch: site.get(`/size/${size}`),
        send: posting(path),
        after: site.post(`/after${path}`, '{{ $length(steps.send.output.body.text) }}'),
        done: { type: 'return', output: '{{ steps.send.output.body }}' },
      },
      edges: ['start -> fetch', 'fetch -> send', 'send -> after', 'after -> done'],
    }),
  );
  await untilStatus(run, 'needs_attention', 60_000);
}, 90_000);

it('an input is edited in one field, the rest of it stays a reference, and the effect happens once', async () => {
  await repair(run, 'retryStep', { edit: { body: { total: 43, rows: null } } });
  const { run: row, steps } = await untilStatus(run, 'succeeded', 60_000);
  expect(await valueOf(row.output)).toEqual({ total: 43, canary: 'none', text: 'x'.repeat(size) });
  expect(site.posted.get(`/after${path}`)).toEqual([String(size).length]);
  // The refused call, and the one that was repaired: a new effect, since its input is another.
  expect(site.posted.get(path)).toHaveLength(2);
  expect(await effectsOf(run)).toEqual([
    { state: 'failed', ordinal: 1, attempt: 1 },
    { state: 'confirmed', ordinal: 2, attempt: 1 },
  ]);
  expect(await largestPayload(run)).toBeLessThan(2_048);
  const edited = steps.find(({ path: each, ordinal }) => each === 'send' && ordinal === 2)?.input;
  expect(edited).toMatchObject({ recipe: { work: { edits: [{ body: { total: 43, rows: null } }] } } });

  await dropProjection(harness, run);
  expect(await reconcile(harness, run)).toBe('equal');
  const rebuilt = await run.projection();
  expect(comparable(rebuilt).steps).toEqual(comparable({ run: row, steps }).steps);

  // Started again from there, the edit stands.
  const fork = await startForkOf(harness, run, { at: 'after' });
  const { run: forked } = await untilStatus(fork, 'succeeded', 60_000);
  expect(await valueOf(forked.output)).toMatchObject({ total: 43 });
  expect(site.posted.get(path)).toHaveLength(2);
}, 120_000);

it('a whole input of a person takes the place of a reference, and the value is left alone', async () => {
  const { input } = (await run.projection()).steps.find((step) => step.path === 'send') ?? {};
  const url = (input as { recipe: { work: { template: { url: string } } } }).recipe.work.template.url;
  await repair(run, 'retryStep', { input: { method: 'POST', duplicates: 'key', url, body: { text: 'short' } } });
  const { run: row } = await untilStatus(run, 'succeeded', 60_000);
  expect(row.output).toEqual({ text: 'short' });
  expect(site.posted.get(path)?.[1]).toBe(JSON.stringify({ text: 'short' }).length);
  expect(await effectsOf(run)).toEqual([
    { state: 'failed', ordinal: 1, attempt: 1 },
    { state: 'confirmed', ordinal: 2, attempt: 1 },
  ]);
  expect(await largestPayload(run)).toBeLessThan(2_048);
}, 120_000);

it('an output of a person takes the place of what the step would have given, and nothing is sent again', async () => {
  await repair(run, 'completeStep', { output: { status: 200, body: { text: 'by hand' } } });
  const { run: row } = await untilStatus(run, 'succeeded', 60_000);
  expect(row.output).toEqual({ text: 'by hand' });
  expect(site.posted.get(path)).toHaveLength(1);
  expect(await effectsOf(run)).toEqual([{ state: 'failed', ordinal: 1, attempt: 1 }]);
  expect(site.posted.get(`/after${path}`)).toEqual([1]);
  expect(await largestPayload(run)).toBeLessThan(2_048);
}, 120_000);

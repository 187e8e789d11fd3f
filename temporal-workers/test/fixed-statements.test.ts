import { createDatabase, type Database, tables, withSystem } from '@everwave/schema/db';
import { createKeyRing, createMasterKeyText, type KeyRing, loadMasterKeys } from '@everwave/temporal/encryption';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../scripts/testing/test-database.ts';
import type { Entry } from '../src/projection/entry.ts';
import { writeEntries } from '../src/projection/write-entries.ts';

const orgId = `org_${'1'.repeat(32)}`;
const runs = 100;
let db: Database;
let ring: KeyRing;
let close: () => Promise<void>;

const idOf = (index: number): string => `run_${index}`;

beforeAll(async () => {
  const database = await createTestDatabase();
  // One connection, so that what it has prepared can be asked for on it.
  db = createDatabase({ url: database.url, applicationName: 'fixed-statements-test', max: 1 });
  ring = createKeyRing({ db, masterKeys: loadMasterKeys({ secretKey: createMasterKeyText() }) });
  const one = { orgId, flowId: 'flow_1', flowVersion: 1, planHash: 'h', triggerNodeId: 'hook', triggerKind: 'k' };
  await withSystem(db, async (tx) => {
    await tx.insert(tables.organizations).values({ id: orgId, name: 'One', slug: 'one', createdAt: new Date() });
    await tx.insert(tables.runs).values(
      Array.from({ length: runs }, (_, index) => ({
        ...one,
        id: idOf(index),
        rootRunId: idOf(index),
        workflowId: `t/1/r/${index}`,
        triggerSealed: new Uint8Array([1]),
      })),
    );
  });
  close = async () => {
    await db.$client.end();
    await database.close();
  };
});
afterAll(() => close());

/** A run that begins, does one step in one attempt, and ends: five entries. */
const entriesOfRun = (index: number): Entry[] => {
  const run = { orgId, runId: idOf(index), flowId: 'flow_1' };
  const step = { path: 'send', stepId: 'send', ordinal: 1 };
  const attempt = { path: 'send', ordinal: 1, attempt: 1 };
  const at = Date.now();
  const temporalRunId = 't';
  return [
    { kind: 'run', run, temporalRunId, transition: { seq: 1, at, status: 'running' } },
    { kind: 'attemptStarted', run, step: attempt, at, worker: 'worker-1' },
    { kind: 'attemptEnded', run, step: attempt, at, status: 'succeeded' },
    { kind: 'step', run, temporalRunId, transition: { ...step, seq: 2, at, status: 'succeeded', output: { index } } },
    { kind: 'run', run, temporalRunId, transition: { seq: 3, at, status: 'succeeded', output: { index } } },
  ];
};

const writing = /^\s*(insert|update|select .* for update)/i;

/** Texts that the connection has prepared and that write or lock. */
const preparedTexts = async (): Promise<string[]> => {
  const rows = await db.execute<{ statement: string }>(sql`select statement from pg_prepared_statements`);
  return rows.map(({ statement }) => statement).filter((statement) => writing.test(statement));
};

it('writes any number of entries with the same few statements', async () => {
  await writeEntries({ db, ring }, entriesOfRun(0));
  const texts = await preparedTexts();
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.length).toBeLessThanOrEqual(6);

  const first = entriesOfRun(1);
  await writeEntries({ db, ring }, first.slice(0, 1));
  await writeEntries({ db, ring }, [...first, ...entriesOfRun(2)]);
  await writeEntries({ db, ring }, Array.from({ length: runs }, (_, index) => entriesOfRun(index)).flat());
  expect((await preparedTexts()).toSorted()).toEqual(texts.toSorted());

  const written = await withSystem(db, async (tx) => ({
    ended: await tx.select().from(tables.runs).where(sql`status = 'succeeded' and output_sealed is not null`),
    steps: await tx.select().from(tables.runSteps).where(sql`attempts = 1 and output_sealed is not null`),
    attempts: await tx.select().from(tables.runAttempts).where(sql`status = 'succeeded' and worker = 'worker-1'`),
  }));
  expect(Object.values(written).map((rows) => rows.length)).toEqual([runs, runs, runs]);
});

it('takes steps whose values are too large for one text', async () => {
  const output = 'x'.repeat(900_000);
  const entries = Array.from({ length: 30 }, (_, index) => entriesOfRun(index)).flat();
  const large = entries.map(
    (entry): Entry =>
      entry.kind === 'step' ? { ...entry, transition: { ...entry.transition, seq: 9, output } } : entry,
  );
  await writeEntries({ db, ring }, large);
  const [row] = await db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('everwave.org', ${orgId}, true)`);
    return tx.execute(sql`select count(*)::int as count from run_steps where octet_length(output_sealed) > 900000`);
  });
  expect(row).toEqual({ count: 30 });
});

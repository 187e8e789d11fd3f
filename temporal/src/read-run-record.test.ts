import { type Database, tables, withSystem } from '@everwave/schema/db';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { additionalData, type KeyRing } from './encryption/index.ts';
import { readRunRecord, rowsPerPage } from './read-run-record.ts';
import { createTestRing, type TestRing } from './testing/test-ring.ts';

const runId = `run_${'b'.repeat(32)}`;
let orgId: string;
/** Three pages, the last of which is not full. */
const items = 2 * rowsPerPage + 50;

let test: TestRing;
let db: Database;
let ring: KeyRing;

const aStep = (path: string, seq: number, ordinal = 1) => ({
  orgId,
  runId,
  path,
  ordinal,
  stepId: 'send',
  status: 'succeeded' as const,
  seq,
  temporalRunId: 'temporal-1',
});

beforeAll(async () => {
  test = await createTestRing();
  ({ db, ring } = test);
  orgId = await test.anOrg();
  const triggerSealed = await ring.sealJson(orgId, { total: 3 }, additionalData.runTrigger(runId));
  await withSystem(db, async (tx) => {
    await tx.insert(tables.runs).values({
      id: runId,
      orgId,
      flowId: 'flow_1',
      flowVersion: 1,
      planHash: 'test',
      triggerNodeId: 'start',
      triggerKind: 'trigger.manual',
      rootRunId: runId,
      workflowId: 'w',
      triggerSealed,
      status: 'needs_attention',
      seq: 7,
    });
    const rows = Array.from({ length: items }, (_, index) => aStep(`each[${index}].send`, 10 + index));
    await tx
      .insert(tables.runSteps)
      .values([...rows, aStep('each[3].send', 9_000, 2), aStep('each[3].send', 9_001, 3)]);
  });
});
afterAll(() => test.close());

describe('the record of a long run', () => {
  it('is read page by page: of each step the newest, and no more rows at a time than a page has', async () => {
    const transactions = vi.spyOn(db, 'transaction');
    const recorded = await readRunRecord(db, ring, { orgId, runId });
    const answers = await Promise.all(transactions.mock.results.map(({ value }) => value as Promise<unknown>));
    transactions.mockRestore();
    expect(answers.flatMap((answer) => (Array.isArray(answer) ? [answer.length] : []))).toEqual([
      rowsPerPage,
      rowsPerPage,
      items - 2 * rowsPerPage,
    ]);
    expect(recorded).toMatchObject({ seq: 9_001, record: { triggerStepId: 'start', trigger: { total: 3 } } });
    const steps = recorded?.record.steps ?? [];
    expect(new Set(steps.map(({ path }) => path)).size).toBe(items);
    expect(steps).toHaveLength(items);
    expect(steps.find(({ path }) => path === 'each[3].send')).toMatchObject({ ordinal: 3, seq: 9_001 });
  });

  it('is read again when the run went on meanwhile', async () => {
    const transactions = vi.spyOn(db, 'transaction');
    let isMoved = false;
    transactions.mockImplementation(async (work, ...rest) => {
      transactions.mockRestore();
      const answer = await db.transaction(work, ...rest);
      if (!isMoved) await withSystem(db, (tx) => tx.insert(tables.runSteps).values(aStep('behind', 9_002)));
      isMoved = true;
      return answer;
    });
    const recorded = await readRunRecord(db, ring, { orgId, runId });
    expect(recorded?.seq).toBe(9_002);
    expect(recorded?.record.steps.some(({ path }) => path === 'behind')).toBe(true);
  });

  it('is nobody else’s', async () => {
    expect(await readRunRecord(db, ring, { runId, orgId: `org_${'c'.repeat(32)}` })).toBeNull();
  });
});

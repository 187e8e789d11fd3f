import { randomBytes } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { startRun } from '@everwave/temporal/runs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, type Harness } from './harness.ts';

const { activities, seen } = createFakeActivities();
const orgB = `org_${randomBytes(16).toString('hex')}`;
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities, stepsAtOnce: 1 });
  await withSystem(harness.db, (tx) => tx.insert(tables.organizations).values({ id: orgB, name: 'B', slug: orgB }));
});
afterAll(() => harness.close());

const plan = aPlan({
  steps: { only: anAction({ activity: 'test.echo@1', input: { sleep: 20 } }) },
  edges: ['start -> only'],
});

it('where one step runs at a time, six runs of one org do not wait behind sixty of another', async () => {
  await harness.stopWorker();
  const flood = [];
  for (let index = 0; index < 60; index += 1) flood.push(await harness.start(plan));
  const [sample] = flood;
  if (!sample) throw new Error('nothing was started');
  const few = Array.from({ length: 6 }, () => `run_${randomBytes(16).toString('hex')}`);
  for (const runId of few) await startRun(harness.client, { ...sample.input, orgId: orgB, runId, rootRunId: runId });
  await harness.startWorker();
  await expect.poll(() => seen.calls.filter(({ orgId }) => orgId === orgB).length, { timeout: 60_000 }).toBe(6);
  const positions = seen.calls.flatMap(({ orgId }, index) => (orgId === orgB ? [index] : []));
  // In turn they would stand at 11; in the order in which they came, at 65.
  expect(positions.at(-1)).toBeLessThanOrEqual(30);
  await Promise.all(flood.map((run) => run.result()));
  expect(seen.calls.filter(({ orgId }) => orgId === harness.orgId)).toHaveLength(60);
}, 120_000);

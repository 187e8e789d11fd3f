import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createHarness, eventually, type Harness, untilStatus } from './harness.ts';
import { type CountingService, createKillableWorker, type KillableWorker, startService } from './killable.ts';
import { reconcile } from './rebuild.ts';

let service: CountingService;
let harness: Harness;
let worker: KillableWorker;

beforeAll(async () => {
  service = await startService();
  harness = await createHarness({ activities: {}, withoutWorker: true });
  worker = createKillableWorker(harness, service);
});
afterAll(async () => {
  worker.kill();
  await harness.close();
  service.close();
});

it('runs a sub-flow once, with each effect once, when workers are killed before, in and behind it', async () => {
  const { post } = service;
  const child = aPlan({ steps: { pack: post('pack'), ship: post('ship') }, edges: ['start -> pack', 'pack -> ship'] });
  const plan = aPlan({
    steps: {
      before: post('before'),
      call: {
        type: 'subflow',
        plan: { ...child, flowId: 'flow_2', title: 'Shipping' },
        planHash: 'other',
        trigger: { stepId: 'start', kind: 'trigger.manual' },
        input: null,
        mode: 'wait',
      },
      after: post('after'),
    },
    edges: ['start -> before', 'before -> call', 'call -> after'],
  });
  worker.start();
  const run = await harness.start(plan);
  for (const path of ['before', 'pack', 'ship', 'after']) {
    await eventually(
      async () => service.effects().includes(path),
      (isAsked) => isAsked,
      60_000,
    );
    await worker.replace();
  }
  expect(await run.result()).toMatchObject({ status: 'succeeded' });
  await untilStatus(run, 'succeeded');
  expect(service.effects()).toEqual(['before', 'pack', 'ship', 'after']);
  expect(service.requests()).toBeGreaterThan(service.effects().length);
  // The row of the sub-flow's run comes back from history, should both who told of it have been killed.
  await eventually(
    () => reconcile(harness, run),
    (result) => result === 'equal',
  );
  const children = await withSystem(harness.db, (tx) =>
    tx.select({ id: tables.runs.id }).from(tables.runs).where(eq(tables.runs.parentRunId, run.runId)),
  );
  const own = harness.child(run, 'call');
  expect(children).toEqual([{ id: own.runId }]);
  await eventually(
    () => reconcile(harness, own),
    (result) => result === 'equal',
  );
  expect((await own.projection()).run.status).toBe('succeeded');
}, 240_000);

import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { eventually, untilStatus } from './harness.ts';
import { startService, useKillableWorker } from './killable.ts';
import { reconcile } from './rebuild.ts';

const setUp = useKillableWorker(startService);

it('runs a sub-flow once, with each effect once, when workers are killed before, in and behind it', async () => {
  const { service, harness, worker } = setUp;
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

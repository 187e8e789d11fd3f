import { expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../schema/src/interpreter/testing/with-batches.ts';
import { eventually, untilStatus } from './harness.ts';
import { startService, useKillableWorker } from './killable.ts';
import { reconcile } from './rebuild.ts';

const setUp = useKillableWorker(startService);

it('does each item of a loop in batches once when workers are killed in the middle of it, again and again', async () => {
  const { service, harness, worker } = setUp;
  const items = Array.from({ length: 60 }, (_, index) => index);
  const plan = withBatches(
    aPlan({
      steps: {
        each: { type: 'forEach', items, concurrency: 6, onItemFailure: 'park', result: '{{ item }}' },
        send: service.post('{{ item }}'),
        done: { type: 'return', output: '{{ steps.each.output.results }}' },
      },
      edges: ['start -> each', 'each -> done'],
      frames: { each: ['send'] },
    }),
    10,
  );
  worker.start();
  const run = await harness.start(plan);
  for (const count of [3, 22, 41, 58]) {
    await eventually(
      async () => service.effects().length,
      (done) => done >= count,
      120_000,
    );
    await worker.replace();
  }
  expect(await run.result()).toMatchObject({ status: 'succeeded', output: items });
  await untilStatus(run, 'succeeded');
  expect(service.effects().toSorted()).toEqual(items.map(String).toSorted());
  expect(service.requests()).toBeGreaterThan(items.length);
  // What the killed workers had not written comes back from the histories of the run and its batches.
  await eventually(
    () => reconcile(harness, run),
    (result) => result === 'equal',
  );
  const { steps } = await run.projection();
  const sent = steps.filter(({ stepId, status }) => stepId === 'send' && status === 'succeeded');
  expect(sent).toHaveLength(items.length);
}, 300_000);

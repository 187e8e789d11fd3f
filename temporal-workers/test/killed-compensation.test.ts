import { expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { eventually, untilStatus } from './harness.ts';
import { startService, useKillableWorker } from './killable.ts';
import { retrying } from './plans.ts';
import { reconcile } from './rebuild.ts';

const setUp = useKillableWorker(startService);

it('undoes each step once when workers are killed while it undoes, again and again', async () => {
  const { service, harness, worker } = setUp;
  const { post } = service;
  const plan = aPlan({
    steps: {
      ...Object.fromEntries(
        ['a', 'b', 'c'].flatMap((id) => [
          [id, { ...post(id), undo: `un${id}` }],
          [`un${id}`, { ...post(`un${id}`), undoes: id }],
        ]),
      ),
      doomed: { ...post('doomed'), options: retrying(1), onFailure: 'fail' },
    },
    edges: ['start -> a', 'a -> b', 'b -> c', 'c -> doomed'],
  });
  worker.start();
  const run = await harness.start(plan);
  for (const path of ['unc', 'unb']) {
    await eventually(
      async () => service.effects().includes(path),
      (isAsked) => isAsked,
      60_000,
    );
    await worker.replace();
  }
  await run.result().catch(() => 'it fails');
  await untilStatus(run, 'failed');
  // What a killed worker had not written yet, history gives back.
  await eventually(
    () => reconcile(harness, run),
    (result) => result === 'equal',
  );
  const { steps } = await run.projection();
  expect(service.effects()).toEqual(['a', 'b', 'c', 'doomed', 'unc', 'unb', 'una']);
  // The service was asked for some of it twice, under the same keys.
  expect(service.requests()).toBeGreaterThan(service.effects().length);
  expect(steps.filter(({ path }) => path.startsWith('un')).map(({ path, status }) => `${path} ${status}`)).toEqual([
    'una succeeded',
    'unb succeeded',
    'unc succeeded',
  ]);
}, 180_000);

import { expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { eventNames, untilStatus } from './harness.ts';
import { startService, useKillableWorker } from './killable.ts';

const setUp = useKillableWorker(startService);

it('a variable that the first step sets is read in the fifth, and a delay between them fires once, although the worker is killed', async () => {
  const { harness, service, worker } = setUp;
  worker.start();
  const run = await harness.start(
    aPlan({
      steps: {
        set: { type: 'setVariables', variables: { total: '{{ trigger.total * 2 }}' } },
        two: service.post('two'),
        three: { type: 'delay', duration: '3s' },
        four: service.post('four'),
        five: service.post('five-{{ vars.total }}'),
      },
      edges: ['start -> set', 'set -> two', 'two -> three', 'three -> four', 'four -> five'],
    }),
    { trigger: { total: 21 } },
  );
  await untilStatus(run, 'waiting');
  await worker.replace();
  const { run: row, steps } = await untilStatus(run, 'succeeded', 60_000);
  expect(service.effects()).toEqual(['two', 'four', 'five-42']);
  expect(service.requests()).toBe(3);
  expect(steps.find(({ path }) => path === 'set')?.output).toEqual({ total: 42 });
  expect((await eventNames(run)).filter((name) => name === 'timerFired')).toHaveLength(1);
  expect((row.finishedAt?.getTime() ?? 0) - (row.startedAt?.getTime() ?? 0)).toBeGreaterThanOrEqual(3_000);
});

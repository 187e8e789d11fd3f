import { tables, withSystem } from '@everwave/schema/db';
import { inArray } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { eventually, type HostUnderTest, untilStatus } from './harness.ts';
import { startCounter, useKillableWorker } from './killable.ts';

// The real worker, in a process that is killed with SIGKILL. The service is not ours to kill: it counts.

const setUp = useKillableWorker(() =>
  startCounter((response) => void setTimeout(() => response.end('{"done":true}'), 150)),
);

const steps = ['a', 'b', 'c'];
const planOf = () => {
  const { port } = setUp.service;
  const post = anAction({
    activity: 'http.request@1',
    lane: 'express',
    input: { method: 'POST', url: `http://127.0.0.1:${port}/orders`, duplicates: 'key', bodyType: 'json', body: {} },
  });
  return aPlan({
    steps: Object.fromEntries(steps.map((id) => [id, post])),
    edges: ['start -> a', 'a -> b', 'b -> c'],
  });
};

const effectsOf = ({ runs }: HostUnderTest) =>
  withSystem(setUp.harness.db, (tx) =>
    tx
      .select({ runId: tables.effects.runId, path: tables.effects.path, state: tables.effects.state })
      .from(tables.effects)
      .where(
        inArray(
          tables.effects.runId,
          runs.map(({ runId }) => runId),
        ),
      ),
  );

it('ends every run of a host with each effect once when workers are killed in its middle, again and again', async () => {
  const count = 25;
  const { service, harness, worker } = setUp;
  worker.start();
  const host = await harness.startHost(
    planOf(),
    Array.from({ length: count }, (_, number) => ({ number })),
  );
  for (const enough of [10, count + 10]) {
    await eventually(
      async () => service.requests.size,
      (size) => size >= enough,
      60_000,
    );
    await worker.replace();
  }
  expect(await host.result()).toEqual({ ended: count, ejected: 0 });
  for (const run of host.runs) {
    const { steps: rows } = await untilStatus(run, 'succeeded');
    expect(rows.map(({ path, status }) => `${path} ${status}`)).toEqual(
      [...steps, 'start'].map((id) => `${id} succeeded`),
    );
  }
  // The service did each thing once, although it was asked for some of them again.
  expect(service.requests.size).toBe(count * steps.length);
  expect([...service.requests.values()].some((times) => times > 1)).toBe(true);
  const effects = await effectsOf(host);
  expect(effects).toHaveLength(count * steps.length);
  expect(new Set(effects.map(({ state }) => state))).toEqual(new Set(['confirmed']));
}, 240_000);

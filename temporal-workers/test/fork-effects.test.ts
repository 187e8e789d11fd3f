import { tables, withSystem } from '@everwave/schema/db';
import { generationOfFork, type Plan } from '@everwave/schema/flow';
import { inArray } from 'drizzle-orm';
import { beforeAll, expect, it } from 'vitest';
import { aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { startForkOf } from './fork-of.ts';
import { eventually, type RunUnderTest, untilStatus } from './harness.ts';
import { startService, useKillableWorker } from './killable.ts';
import { retrying } from './plans.ts';

// The real worker with its effect ledger, and a service that counts under which keys it was asked.

const setUp = useKillableWorker(startService);
beforeAll(() => setUp.worker.start());

/** Three parcels, each packed and shipped by a sub-flow; then the shop is told. `version` changes what shipping does. */
const plan = (version: number): Plan => {
  const { post } = setUp.service;
  const parcel = aPlan({
    steps: { pack: post('pack'), ship: post(`ship-v${version}`) },
    edges: ['start -> pack', 'pack -> ship'],
  });
  return {
    ...aPlan({
      steps: {
        before: post('before'),
        each: { type: 'forEach', items: [0, 1, 2], concurrency: 1, onItemFailure: 'park', result: null },
        call: {
          type: 'subflow',
          plan: { ...parcel, flowId: 'flow_2', flowVersion: version, title: 'Parcel' },
          planHash: `parcel-${version}`,
          trigger: { stepId: 'start', kind: 'trigger.manual' },
          input: '{{ item }}',
          mode: 'wait',
        },
        after: post('after'),
      },
      edges: ['start -> before', 'before -> each', 'each -> after'],
      frames: { each: ['call'] },
    }),
    flowVersion: version,
  };
};
const keysIn = (runs: readonly RunUnderTest[]) =>
  withSystem(setUp.harness.db, (tx) =>
    tx
      .select({ key: tables.effects.effectKey, path: tables.effects.path, state: tables.effects.state })
      .from(tables.effects)
      .where(
        inArray(
          tables.effects.runId,
          runs.map(({ runId }) => runId),
        ),
      ),
  );

it('a fork inside a sub-flow in a loop, on another version, has each effect behind it once more and no other, also when its worker is killed', async () => {
  const { service, harness, worker } = setUp;
  const origin = await harness.start(plan(1));
  expect(await origin.result()).toMatchObject({ status: 'succeeded' });
  const parcels = ['pack', 'ship-v1', 'pack', 'ship-v1', 'pack', 'ship-v1'];
  expect(service.effects()).toEqual(['before', ...parcels, 'after']);

  const child = harness.child(origin, 'each[1].call');
  const order = { at: 'ship', outputs: {}, originRunId: child.runId, rootRunId: child.runId };
  const inside = (number: number) => ({
    at: 'each[1].call',
    child: { ...order, generation: generationOfFork(number) },
  });
  const fork = await startForkOf(harness, origin, { ...inside(1), number: 1, plan: plan(2) });
  await eventually(
    async () => service.effects().includes('ship-v2'),
    (isAsked) => isAsked,
    60_000,
  );
  await worker.replace();
  expect(await fork.result()).toMatchObject({ status: 'succeeded' });
  expect(service.effects()).toEqual(['before', ...parcels, 'after', 'ship-v2', 'after']);

  // Another fork of the same roots has keys of its own again.
  const other = await startForkOf(harness, origin, { ...inside(2), number: 2, plan: plan(2) });
  expect(await other.result()).toMatchObject({ status: 'succeeded' });
  expect(service.effects().slice(-2)).toEqual(['ship-v2', 'after']);
  expect(service.effects()).toHaveLength(12);

  // At the sub-flow itself everything in it is new; the other items stand.
  const anew = await startForkOf(harness, origin, { at: 'each[2].call', number: 3 });
  expect(await anew.result()).toMatchObject({ status: 'succeeded' });
  expect(service.effects().slice(12)).toEqual(['pack', 'ship-v1', 'after']);

  const forks = [fork, other, anew];
  const rows = await keysIn([
    origin,
    ...forks,
    ...[0, 1, 2].map((index) => harness.child(origin, `each[${index}].call`)),
    harness.child(fork, 'each[1].call'),
    harness.child(other, 'each[1].call'),
    harness.child(anew, 'each[2].call'),
  ]);
  expect(rows.map(({ state }) => state)).toEqual(rows.map(() => 'confirmed'));
  expect(rows).toHaveLength(15);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(15);
}, 240_000);

it('what has been undone is undone again where it ran again in a fork, and not where it stands', async () => {
  const { service, harness } = setUp;
  const { post } = service;
  const saga = aPlan({
    steps: {
      reserve: { ...post('reserve'), undo: 'release' },
      release: { ...post('release'), undoes: 'reserve' },
      charge: { ...post('doomed'), options: retrying(1), onFailure: 'fail' },
    },
    edges: ['start -> reserve', 'reserve -> charge'],
  });
  const done = () => service.effects().filter((path) => ['reserve', 'release', 'doomed'].includes(path));
  const origin = await harness.start(saga);
  await untilStatus(origin, 'failed');
  expect(done()).toEqual(['reserve', 'doomed', 'release']);
  const again = async (at: string, number: number) => {
    const generation = generationOfFork(number);
    const order = { originRunId: origin.runId, originSeq: null, outputs: {}, generation };
    const fork = await harness.start(saga, { fork: { origin, forkNumber: number, at, ...order } });
    await untilStatus(fork, 'failed');
  };
  await again('reserve', 1);
  expect(done().slice(3)).toEqual(['reserve', 'doomed', 'release']);
  await again('charge', 2);
  expect(done().slice(6)).toEqual(['doomed']);
}, 120_000);

import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { removeUnusedBlobs } from '../src/reconciler/remove-unused-blobs.ts';
import { eventually } from './harness.ts';
import { startCounter, useKillableWorker } from './killable.ts';
import { retrying } from './plans.ts';

// The real worker, in a process that is killed with SIGKILL while it stores what a service has answered.

const day = 86_400_000;
const setUp = useKillableWorker(() =>
  // Each answer is another value: what the first attempt stored is nobody's once the second has stored its own.
  startCounter((response, times) => response.end(JSON.stringify({ answer: times, text: 'x'.repeat(24_000_000) }))),
);

it('has its effect once and leaves no orphan when its worker is killed while the output is stored', async () => {
  const { service, harness, worker } = setUp;
  const { blobs, blobUses, effects } = tables;
  const send = anAction({
    activity: 'http.request@1',
    input: { method: 'POST', url: `http://127.0.0.1:${service.port}/orders`, duplicates: 'key', body: {} },
    options: { ...retrying(5), startToCloseTimeout: '20s', heartbeatTimeout: '3s' },
  });
  const rows = () => withSystem(harness.db, (tx) => tx.select().from(blobs).where(eq(blobs.orgId, harness.orgId)));
  worker.start();
  const run = await harness.start(aPlan({ steps: { send }, edges: ['start -> send'] }));
  await eventually(rows, (found) => found.length > 0, 60_000);
  await worker.kill();
  expect((await run.projection()).steps.find(({ path }) => path === 'send')?.status).not.toBe('succeeded');
  worker.start();
  await eventually(
    () => run.projection(),
    ({ run: row }) => row.status === 'succeeded',
    60_000,
  );

  expect(service.requests.size).toBe(1);
  const ledger = await withSystem(harness.db, (tx) => tx.select().from(effects).where(eq(effects.runId, run.runId)));
  expect(ledger).toMatchObject([{ path: 'send', state: 'confirmed' }]);
  const uses = await withSystem(harness.db, (tx) => tx.select().from(blobUses).where(eq(blobUses.runId, run.runId)));
  expect(uses).toHaveLength(1);
  await removeUnusedBlobs(harness.db, { grace: 7 * day, limit: 100 }, Date.now() + 8 * day);
  expect((await rows()).map(({ sha256 }) => sha256)).toEqual([uses[0]?.sha256]);
  const output = (await run.projection()).steps.find(({ path }) => path === 'send')?.output;
  expect(output).toMatchObject({ reference: { sha256: uses[0]?.sha256 } });
}, 120_000);

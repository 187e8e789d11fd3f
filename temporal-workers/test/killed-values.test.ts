import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { removeUnusedBlobs } from '../src/reconciler/remove-unused-blobs.ts';
import { createHarness, eventually, type Harness } from './harness.ts';
import { retrying } from './plans.ts';

// The real worker, in a process that is killed with SIGKILL while it stores what a service has answered.

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const workers = new Set<ChildProcess>();
/** How often each idempotency key was asked for; the first request with a key has the effect. */
const requests = new Map<string, number>();
const day = 86_400_000;
let service: Server;
let harness: Harness;

const startWorker = (): ChildProcess => {
  const { port } = service.address() as AddressInfo;
  const worker = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], ...harness.variables, EVERWAVE_EGRESS_ALLOW: `127.0.0.1:${port}` },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  workers.add(worker);
  return worker;
};

beforeAll(async () => {
  service = createServer((request, response) => {
    const key = String(request.headers['idempotency-key']);
    requests.set(key, (requests.get(key) ?? 0) + 1);
    // Each answer is another value: what the first attempt stored is nobody's once the second has stored its own.
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ answer: requests.get(key), text: 'x'.repeat(24_000_000) }));
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  harness = await createHarness({ activities: {}, withoutWorker: true });
});
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await harness.close();
  service.close();
});

it('has its effect once and leaves no orphan when its worker is killed while the output is stored', async () => {
  const { port } = service.address() as AddressInfo;
  const { blobs, blobUses, effects } = tables;
  const send = anAction({
    activity: 'http.request@1',
    input: { method: 'POST', url: `http://127.0.0.1:${port}/orders`, duplicates: 'key', body: {} },
    options: { ...retrying(5), startToCloseTimeout: '20s', heartbeatTimeout: '3s' },
  });
  const rows = () => withSystem(harness.db, (tx) => tx.select().from(blobs).where(eq(blobs.orgId, harness.orgId)));
  let worker = startWorker();
  const run = await harness.start(aPlan({ steps: { send }, edges: ['start -> send'] }));
  await eventually(rows, (found) => found.length > 0, 60_000);
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  expect((await run.projection()).steps.find(({ path }) => path === 'send')?.status).not.toBe('succeeded');
  worker = startWorker();
  await eventually(
    () => run.projection(),
    ({ run: row }) => row.status === 'succeeded',
    60_000,
  );

  expect(requests.size).toBe(1);
  const ledger = await withSystem(harness.db, (tx) => tx.select().from(effects).where(eq(effects.runId, run.runId)));
  expect(ledger).toMatchObject([{ path: 'send', state: 'confirmed' }]);
  const uses = await withSystem(harness.db, (tx) => tx.select().from(blobUses).where(eq(blobUses.runId, run.runId)));
  expect(uses).toHaveLength(1);
  await removeUnusedBlobs(harness.db, { grace: 7 * day, limit: 100 }, Date.now() + 8 * day);
  expect((await rows()).map(({ sha256 }) => sha256)).toEqual([uses[0]?.sha256]);
  const output = (await run.projection()).steps.find(({ path }) => path === 'send')?.output;
  expect(output).toMatchObject({ reference: { sha256: uses[0]?.sha256 } });
}, 120_000);

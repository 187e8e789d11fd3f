import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { tables, withSystem } from '@everwave/schema/db';
import { inArray } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createHarness, eventually, type Harness, type HostUnderTest, untilStatus } from './harness.ts';

// The real worker, in a process that is killed with SIGKILL. The service is not ours to kill: it counts.

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const workers = new Set<ChildProcess>();
/** How often each idempotency key was asked for; the first request with a key has the effect. */
const requests = new Map<string, number>();
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
    setTimeout(() => response.setHeader('content-type', 'application/json').end('{"done":true}'), 150);
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

const steps = ['a', 'b', 'c'];
const planOf = () => {
  const { port } = service.address() as AddressInfo;
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
  withSystem(harness.db, (tx) =>
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
  requests.clear();
  let worker = startWorker();
  const host = await harness.startHost(
    planOf(),
    Array.from({ length: count }, (_, number) => ({ number })),
  );
  for (const enough of [10, count + 10]) {
    await eventually(
      async () => requests.size,
      (size) => size >= enough,
      60_000,
    );
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    worker = startWorker();
  }
  expect(await host.result()).toEqual({ ended: count, ejected: 0 });
  for (const run of host.runs) {
    const { steps: rows } = await untilStatus(run, 'succeeded');
    expect(rows.map(({ path, status }) => `${path} ${status}`)).toEqual(
      [...steps, 'start'].map((id) => `${id} succeeded`),
    );
  }
  // The service did each thing once, although it was asked for some of them again.
  expect(requests.size).toBe(count * steps.length);
  expect([...requests.values()].some((times) => times > 1)).toBe(true);
  const effects = await effectsOf(host);
  expect(effects).toHaveLength(count * steps.length);
  expect(new Set(effects.map(({ state }) => state))).toEqual(new Set(['confirmed']));
}, 240_000);

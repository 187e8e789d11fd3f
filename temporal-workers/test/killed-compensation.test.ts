import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createHarness, eventually, type Harness, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { reconcile } from './rebuild.ts';

// The real worker, in a process that is killed with SIGKILL. The service is not ours to kill: it counts.

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const workers = new Set<ChildProcess>();
/** Idempotency keys in the order in which they came first, by address. */
const effects: { readonly url: string; readonly key: string }[] = [];
let requests = 0;
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
    const url = request.url ?? '';
    const key = String(request.headers['idempotency-key']);
    requests += 1;
    if (!effects.some((effect) => effect.key === key)) effects.push({ url, key });
    response.setHeader('content-type', 'application/json');
    if (url === '/doomed') response.writeHead(404).end('{}');
    else setTimeout(() => response.end('{"done":true}'), 400);
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

const post = (path: string) =>
  anAction({
    activity: 'http.request@1',
    options: { ...retrying(20), startToCloseTimeout: '3s' },
    input: {
      method: 'POST',
      url: `http://127.0.0.1:${(service.address() as AddressInfo).port}/${path}`,
      duplicates: 'key',
      bodyType: 'json',
      body: {},
    },
  });

it('undoes each step once when workers are killed while it undoes, again and again', async () => {
  const done = ['a', 'b', 'c'];
  const plan = aPlan({
    steps: {
      ...Object.fromEntries(
        done.flatMap((id) => [
          [id, { ...post(id), undo: `un${id}` }],
          [`un${id}`, { ...post(`un${id}`), undoes: id }],
        ]),
      ),
      doomed: { ...post('doomed'), options: retrying(1), onFailure: 'fail' },
    },
    edges: ['start -> a', 'a -> b', 'b -> c', 'c -> doomed'],
  });
  let worker = startWorker();
  const run = await harness.start(plan);
  for (const url of ['/unc', '/unb']) {
    await eventually(
      async () => effects.some((effect) => effect.url === url),
      (isAsked) => isAsked,
      60_000,
    );
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    worker = startWorker();
  }
  await run.result().catch(() => 'it fails');
  await untilStatus(run, 'failed');
  // What a killed worker had not written yet, history gives back.
  await eventually(
    () => reconcile(harness, run),
    (result) => result === 'equal',
  );
  const { steps } = await run.projection();
  expect(effects.map(({ url }) => url)).toEqual(['/a', '/b', '/c', '/doomed', '/unc', '/unb', '/una']);
  // The service was asked for some of it twice, under the same keys.
  expect(requests).toBeGreaterThan(effects.length);
  expect(steps.filter(({ path }) => path.startsWith('un')).map(({ status }) => status)).toEqual(
    Array.from({ length: 3 }, () => 'succeeded'),
  );
}, 180_000);

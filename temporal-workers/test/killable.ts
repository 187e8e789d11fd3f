import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ActionStep } from '@everwave/schema/flow';
import { anAction } from '../../schema/src/interpreter/testing/a-plan.ts';
import { afterAll, beforeAll } from 'vitest';
import { createHarness, type Harness } from './harness.ts';
import { retrying } from './plans.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A service that is not ours to kill: it counts. */
export interface CountingService {
  /** Addresses in the order in which they were asked for under a key of their own: what the service has done. */
  effects(): readonly string[];
  /** All requests, also those that only asked again. */
  requests(): number;
  /** A step that has the service do `path`, under its idempotency key. */
  readonly post: (path: string) => Pick<ActionStep, 'type'> & Partial<ActionStep>;
  readonly port: number;
  close(): void;
}

/** Answers after 400 ms, refuses `refused`, and does what ends with `flaky` only when it is asked again. */
export const startService = async (refused = 'doomed', takes = 400): Promise<CountingService> => {
  const failed = new Set<string>();
  const keys = new Map<string, string>();
  let requests = 0;
  const server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    const key = String(request.headers['idempotency-key']);
    requests += 1;
    response.setHeader('content-type', 'application/json');
    if (path.endsWith('flaky') && !failed.has(key)) {
      failed.add(key);
      return void response.writeHead(503).end('{}');
    }
    if (!keys.has(key)) keys.set(key, path);
    if (path === refused) response.writeHead(404).end('{}');
    else setTimeout(() => response.end('{"done":true}'), takes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    effects: () => [...keys.values()],
    requests: () => requests,
    post: (path) =>
      anAction({
        activity: 'http.request@1',
        options: { ...retrying(20), startToCloseTimeout: '3s' },
        input: {
          method: 'POST',
          url: `http://127.0.0.1:${port}/${path}`,
          duplicates: 'key',
          bodyType: 'json',
          body: {},
        },
      }),
    port,
    close: () => server.close(),
  };
};

/** The real worker, in a process that can be killed with SIGKILL. */
export interface KillableWorker {
  start(): void;
  /** Kills it, and starts another one. */
  replace(): Promise<void>;
  kill(): void;
}

export const createKillableWorker = ({ variables }: Harness, { port }: CountingService): KillableWorker => {
  let worker: ChildProcess | undefined;
  const start = (): void => {
    worker = spawn(process.execPath, [main], {
      env: { ...variables, EVERWAVE_EGRESS_ALLOW: `127.0.0.1:${port}` },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  return {
    start,
    replace: async () => {
      const dying = worker;
      dying?.kill('SIGKILL');
      if (dying) await once(dying, 'exit');
      start();
    },
    kill: () => worker?.kill('SIGKILL'),
  };
};

export interface KillableSetUp {
  service: CountingService;
  harness: Harness;
  worker: KillableWorker;
}

/** What tests of killed workers need, from before the first of the file's tests until after the last. */
export const useKillableWorker = (): KillableSetUp => {
  const setUp = {} as KillableSetUp;
  beforeAll(async () => {
    setUp.service = await startService();
    setUp.harness = await createHarness({ activities: {}, withoutWorker: true });
    setUp.worker = createKillableWorker(setUp.harness, setUp.service);
  });
  afterAll(async () => {
    setUp.worker.kill();
    await setUp.harness.close();
    setUp.service.close();
  });
  return setUp;
};

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ActionStep } from '@everwave/schema/flow';
import { anAction } from '../../schema/src/interpreter/testing/a-plan.ts';
import { afterAll, beforeAll } from 'vitest';
import { createHarness, type Harness } from './harness.ts';
import { retrying } from './plans.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A service that is not ours to kill. */
interface Service {
  readonly port: number;
  close(): void;
}

const serve = async (listener: RequestListener): Promise<Service> => {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, close: () => server.close() };
};

export interface RequestCounter extends Service {
  /** How often each idempotency key was asked for; the first request with a key has the effect. */
  readonly requests: ReadonlyMap<string, number>;
}

/** Counts requests, and answers with JSON by how often this one has come. */
export const startCounter = async (
  answer: (response: ServerResponse, times: number) => void,
): Promise<RequestCounter> => {
  const requests = new Map<string, number>();
  const service = await serve((request, response) => {
    const key = String(request.headers['idempotency-key']);
    const times = (requests.get(key) ?? 0) + 1;
    requests.set(key, times);
    response.setHeader('content-type', 'application/json');
    answer(response, times);
  });
  return { ...service, requests };
};

/** One that counts what it was asked to do. */
export interface CountingService extends Service {
  /** Addresses in the order in which they were asked for under a key of their own: what the service has done. */
  effects(): readonly string[];
  /** All requests, also those that only asked again. */
  requests(): number;
  /** A step that has the service do `path`, under its idempotency key. */
  readonly post: (path: string) => Pick<ActionStep, 'type'> & Partial<ActionStep>;
}

/** Answers after 400 ms, refuses `refused`, and does what ends with `flaky` only when it is asked again. */
export const startService = async (refused = 'doomed', takes = 400): Promise<CountingService> => {
  const failed = new Set<string>();
  const keys = new Map<string, string>();
  let requests = 0;
  const service = await serve((request, response) => {
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
  return {
    ...service,
    effects: () => [...keys.values()],
    requests: () => requests,
    post: (path) =>
      anAction({
        activity: 'http.request@1',
        options: { ...retrying(20), startToCloseTimeout: '3s' },
        input: {
          method: 'POST',
          url: `http://127.0.0.1:${service.port}/${path}`,
          duplicates: 'key',
          bodyType: 'json',
          body: {},
        },
      }),
  };
};

/** The real worker, in a process that can be killed with SIGKILL. */
export interface KillableWorker {
  start(): void;
  /** Kills it, and starts another one. */
  replace(): Promise<void>;
  /** Returns when it is gone. */
  kill(): Promise<void>;
}

const createKillableWorker = ({ variables }: Harness, { port }: Service): KillableWorker => {
  let worker: ChildProcess | undefined;
  const start = (): void => {
    worker = spawn(process.execPath, [main], {
      env: { ...variables, EVERWAVE_EGRESS_ALLOW: `127.0.0.1:${port}` },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  const kill = async (): Promise<void> => {
    const dying = worker;
    worker = undefined;
    dying?.kill('SIGKILL');
    if (dying) await once(dying, 'exit');
  };
  return {
    start,
    replace: async () => {
      await kill();
      start();
    },
    kill,
  };
};

export interface KillableSetUp<AService extends Service> {
  service: AService;
  harness: Harness;
  worker: KillableWorker;
}

/** What tests of killed workers need, from before the first of the file's tests until after the last. */
export const useKillableWorker = <AService extends Service>(
  start: () => Promise<AService>,
): KillableSetUp<AService> => {
  const setUp = {} as KillableSetUp<AService>;
  beforeAll(async () => {
    setUp.service = await start();
    setUp.harness = await createHarness({ activities: {}, withoutWorker: true });
    setUp.worker = createKillableWorker(setUp.harness, setUp.service);
  });
  afterAll(async () => {
    await setUp.worker.kill();
    await setUp.harness.close();
    setUp.service.close();
  });
  return setUp;
};

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMasterKeyText } from '@everwave/temporal/encryption';
import type * as z from 'zod';
import { projectFolder } from '../scripts/lib/folders.ts';
import { freePort } from '../scripts/lib/ports.ts';
import { prepare } from '../scripts/supervisor/prepare.ts';

/** Several apis and workers on one Postgres and one Temporal. A process that ends stays down until a test starts another. */
export interface Fleet {
  /** Living ones, oldest first. */
  apis(): readonly FleetProcess[];
  workers(): readonly FleetProcess[];
  /** Every process that was ever started. */
  all(): readonly FleetProcess[];
  start(kind: FleetProcess['kind']): Promise<FleetProcess>;
  /** Calls the first living api with the key of the first start. Throws with the answer when it is no 2xx. */
  call<Reply extends z.ZodType>(method: string, path: string, body: unknown, reply: Reply): Promise<z.output<Reply>>;
  stop(): Promise<void>;
}

export interface FleetProcess {
  readonly kind: 'api' | 'worker';
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  isAlive(): boolean;
  /** Messages of its log, with the run each is about. */
  readonly log: readonly { readonly message: string; readonly runId?: string }[];
  /** Resident memory in megabytes, where the system tells. */
  memory(): number | null;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Asks it to end, and returns its exit code. */
  stop(): Promise<number | null>;
}

export interface FleetOptions {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly egressAllow: string;
  readonly apis: number;
  readonly workers: number;
  /** More settings, for every process. */
  readonly variables?: Readonly<Record<string, string>>;
}

const mains = { api: 'api/src/main.ts', worker: 'temporal-workers/src/main.ts' } as const;

export const startFleet = async (options: FleetOptions): Promise<Fleet> => {
  const environment = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE_ENV: 'production',
    DATABASE_URL: options.databaseUrl,
    TEMPORAL_ADDRESS: options.temporalAddress,
    TEMPORAL_NAMESPACE: options.temporalNamespace,
    EVERWAVE_SECRET_KEY: createMasterKeyText(),
    EVERWAVE_EGRESS_ALLOW: options.egressAllow,
    ...options.variables,
  };
  const { apiKey } = await prepare(environment, () => {});
  const started: FleetProcess[] = [];
  const living = (kind: FleetProcess['kind']) => started.filter((one) => one.kind === kind && one.isAlive());

  const counts = { api: 0, worker: 0 };
  const start: Fleet['start'] = async (kind) => {
    counts[kind] += 1;
    const one = await startProcess(kind, `${kind} ${counts[kind]}`, environment);
    started.push(one);
    return one;
  };
  const fleet: Fleet = {
    apis: () => living('api'),
    workers: () => living('worker'),
    all: () => started,
    start,
    call: async (method, path, body, reply) => {
      const api = living('api')[0];
      if (!api) throw new Error('No api is alive.');
      const response = await fetch(`${api.url}${path}`, {
        method,
        headers: { 'x-api-key': apiKey ?? '', ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
      return reply.parse(await response.json());
    },
    stop: async () => {
      await Promise.all(started.filter((one) => one.isAlive()).map((one) => one.stop()));
    },
  };
  try {
    // The first worker makes the namespace; those after it find it.
    for (let count = 0; count < options.workers; count += 1) await start('worker');
    await Promise.all(Array.from({ length: options.apis }, () => start('api')));
    return fleet;
  } catch (error) {
    await fleet.stop();
    throw error;
  }
};

const startProcess = async (
  kind: FleetProcess['kind'],
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<FleetProcess> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [join(projectFolder, mains[kind])], {
    cwd: projectFolder,
    env: { ...environment, [kind === 'api' ? 'EVERWAVE_API_PORT' : 'EVERWAVE_WORKER_PORT']: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const log = collectLog(child);
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const end = Date.now() + 120_000;
  while (
    !(await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (!isAlive() || Date.now() > end) {
      await kill();
      throw new Error(`${name} did not start:\n${log.map(({ message }) => message).join('\n')}`);
    }
    await sleep(100);
  }
  return {
    kind,
    name,
    url,
    pid: child.pid ?? 0,
    isAlive,
    log,
    memory: () => residentMegabytes(child.pid ?? 0),
    kill,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
};

const collectLog = (child: ChildProcess): { message: string; runId?: string }[] => {
  const log: { message: string; runId?: string }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      try {
        log.push(JSON.parse(line) as { message: string });
      } catch {
        log.push({ message: line });
      }
    });
  }
  return log;
};

const residentMegabytes = (pid: number): number | null => {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    return null;
  }
};

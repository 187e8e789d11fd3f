import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Run, runSchema } from '@everwave/schema/api';
import * as z from 'zod';
import { processStart } from '../scripts/lib/process-identity.ts';
import { addressesOf } from '../scripts/supervisor/addresses.ts';
import { parseSettings, portNames } from '../scripts/supervisor/env.ts';
import { type Product, startProduct } from '../scripts/supervisor/product.ts';
import { createPaint } from '../scripts/supervisor/render-log.ts';
import { createScreen } from '../scripts/supervisor/screen.ts';

/** The whole product as `npm start` runs it: real processes, free ports, a data folder of its own. */
export interface LiveProduct {
  /** Every port that was chosen, for a second start at the same addresses. */
  readonly ports: Readonly<Record<string, string>>;
  readonly apiUrl: string;
  readonly workerUrl: string;
  readonly webUrl: string;
  readonly dataFolder: string;
  /** The one-time link of an installation without an owner. */
  readonly setupUrl: string | null;
  /** As the database's owner. */
  readonly databaseUrl: string;
  /** Everything the supervisor has printed. */
  readonly printed: () => string;
  /** Calls the api with the key of this machine. Throws with the answer when it is no 2xx. */
  call<Reply extends z.ZodType>(method: string, path: string, body: unknown, reply: Reply): Promise<z.output<Reply>>;
  readRun(runId: string): Promise<Run>;
  /** Waits until the run satisfies the condition; throws with the run's steps when it never does. */
  waitFor(runId: string, what: string, condition: (run: Run) => boolean): Promise<Run>;
  repair(runId: string, body: object): Promise<void>;
  /** Ends a process at once; the supervisor starts it again. False when it was down already. */
  kill(name: ProcessName, signal?: NodeJS.Signals): boolean;
  /** Keeps a process down by ending it whenever it comes back, until `release` is called. */
  hold(name: 'temporal' | 'worker'): { release(): void };
  /** Ends everything at once, as a power failure does, and leaves the data folder. */
  killAll(): Promise<void>;
  /** Stops the processes and leaves the data folder. */
  stopProcesses(): Promise<void>;
  stop(): Promise<void>;
}

const processNames = ['postgres', 'temporal', 'worker', 'api', 'web', 'demo'] as const;
export type ProcessName = (typeof processNames)[number];

const patience = 120_000;
const freePorts = Object.fromEntries(portNames.map((name) => [name, '0']));

export interface LiveOptions {
  /** A new one by default. */
  readonly dataFolder?: string;
  readonly ports?: Readonly<Record<string, string>>;
  /** More settings. */
  readonly variables?: Readonly<Record<string, string>>;
}

export const startLiveProduct = async (egressAllow: string, options: LiveOptions = {}): Promise<LiveProduct> => {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'everwave-live-'));
  const settings = parseSettings({
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    EVERWAVE_TOOLS: process.env['EVERWAVE_TOOLS'],
    ...(options.ports ?? freePorts),
    EVERWAVE_DATA: dataFolder,
    EVERWAVE_EGRESS_ALLOW: egressAllow,
    ...options.variables,
  });
  let printed = '';
  const screen = createScreen({
    write: (text) => void (printed += text),
    paint: createPaint(false, {}),
    logFolder: join(dataFolder, 'logs'),
  });
  const lastLines = () =>
    printed
      .split('\n')
      .filter((line) => !line.includes('request answered'))
      .slice(-40)
      .join('\n');
  const product: Product = await startProduct(settings, screen, AbortSignal.timeout(600_000)).catch(
    (error: unknown) => {
      throw new Error(`The product did not start:\n${lastLines()}`, { cause: error });
    },
  );
  const { api: apiUrl, local } = addressesOf(product.settings);
  const { apiKey } = JSON.parse(readFileSync(join(dataFolder, 'cli.json'), 'utf8')) as { apiKey: string };
  let isStopped = false;

  const call: LiveProduct['call'] = async (method, path, body, reply) => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { 'x-api-key': apiKey, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return reply.parse(await response.json());
  };
  const readRun = (runId: string) => call('GET', `/v1/runs/${runId}`, undefined, runSchema);
  const kill: LiveProduct['kill'] = (name, signal = 'SIGKILL') => {
    const pid = product.pid(name);
    if (pid !== null) process.kill(pid, signal);
    return pid !== null;
  };
  const stopProcesses = async () => {
    if (!isStopped) await product.stop();
    isStopped = true;
  };

  return {
    apiUrl,
    workerUrl: local('EVERWAVE_WORKER_PORT'),
    webUrl: addressesOf(product.settings).web,
    ports: Object.fromEntries(Object.entries(product.settings.ports).map(([name, port]) => [name, String(port)])),
    setupUrl: product.prepared.setupUrl,
    dataFolder,
    databaseUrl: product.services.databaseUrl,
    printed: () => printed,
    call,
    readRun,
    waitFor: async (runId, what, condition) => {
      const end = Date.now() + patience;
      for (;;) {
        const run = await readRun(runId).catch(() => null);
        if (run && condition(run)) return run;
        if (Date.now() > end) {
          const steps = run?.steps.map(({ path, status, failure }) => `${path} ${status} ${failure?.message ?? ''}`);
          throw new Error(`The run never ${what}. It is ${run?.status}:\n${steps?.join('\n')}\n${lastLines()}`);
        }
        await sleep(100);
      }
    },
    repair: async (runId, body) => {
      await call('POST', `/v1/runs/${runId}/repair`, body, z.unknown());
    },
    kill,
    hold: (name) => {
      const timer = setInterval(() => kill(name), 50);
      return { release: () => clearInterval(timer) };
    },
    killAll: async () => {
      isStopped = true;
      const pids = processNames.map((name) => product.pid(name)).filter((pid) => pid !== null);
      product.kill();
      while (pids.some((pid) => processStart(pid) !== null)) await sleep(50);
    },
    stopProcesses,
    stop: async () => {
      await stopProcesses();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
};

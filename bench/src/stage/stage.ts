import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDatabase, type Database } from '@everwave/schema/db';
import { type Client, createTemporalClient } from '@everwave/temporal/client';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { createKeyRing, type KeyRing, loadMasterKeys } from '@everwave/temporal/encryption';
import { projectFolder } from '../../../scripts/lib/folders.ts';
import { withWorkerHeap } from '../../../scripts/lib/worker-heap.ts';
import { addressesOf } from '../../../scripts/supervisor/addresses.ts';
import { answers, type Child, startChild } from '../../../scripts/supervisor/child.ts';
import type { Settings } from '../../../scripts/supervisor/env.ts';
import { type Part, startServices } from './services.ts';

/** Processes that are measured. `byHand` is the worker with the hand-written workflows. */
export type ProcessName = 'worker' | 'byHand' | 'api';

export interface StageOptions {
  readonly processes: readonly ProcessName[];
  /** For Node, before the script. Given the folder in which the process may leave profiles. */
  readonly nodeFlags?: (name: ProcessName, profileFolder: string) => readonly string[];
  /** Of the processes that are measured, beside what `npm start` gives them; addresses to allow are added. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly progress: (line: string) => void;
}

/** Everything a bench runs on: real servers and processes in a folder of their own, on free ports. */
export interface Stage {
  readonly orgId: string;
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Makes the first owner, once. */
  readonly setupToken: string | null;
  readonly db: Database;
  readonly ring: KeyRing;
  /** Of our own worker's namespace, and of the hand-written workflows'. */
  readonly temporal: { readonly ours: Client; readonly byHand: Client };
  /** Process ids of what runs, servers and stand-ins included, by name. */
  pids(): Readonly<Record<string, number>>;
  readonly profileFolder: (name: ProcessName) => string;
  /** As a person stops it: it finishes and ends. */
  stopProcess(name: ProcessName): Promise<void>;
  close(): Promise<void>;
}

/** What has been told to end still writes for a moment; an exiting process can wait for it only by standing still. */
const removeSoon = (folder: string): void => {
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < 50; tries += 1) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It is tried again.
    }
    if (!existsSync(folder)) return;
    Atomics.wait(still, 0, 0, 100);
  }
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The namespace in which the hand-written workflows run, so that both workers poll a queue of one name. */
const byHandNamespace = 'by-hand';

export const openStage = async ({
  processes,
  nodeFlags = () => [],
  environment: own,
  progress,
}: StageOptions): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-bench-'));
  // Postgres runs as another user where we are root.
  chmodSync(folder, 0o755);
  const parts: Part[] = [];
  const profileFolder = (name: ProcessName) => join(folder, `profile-${name}`);
  const killAll = () => {
    for (const part of parts) part.kill();
    removeSoon(folder);
  };
  process.once('exit', killAll);
  // Only what has finished starting is known well enough to be ended: a first signal waits for that.
  const interruption = { isStarting: true, isAsked: false };
  const interrupt = () => {
    if (!interruption.isStarting || interruption.isAsked) process.exit(130);
    interruption.isAsked = true;
  };
  for (const signal of signals) process.on(signal, interrupt);
  const keep = (part: Part) => {
    parts.push(part);
    if (interruption.isAsked) process.exit(130);
  };
  const close = async () => {
    for (const part of parts.splice(0).reverse()) await part.stop();
    process.off('exit', killAll);
    for (const signal of signals) process.off(signal, interrupt);
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    const services = await startServices({
      dataFolder: join(folder, 'data'),
      namespaces: [byHandNamespace],
      progress,
      onStarted: keep,
    });
    const { settings, prepared } = services;
    const environment = own
      ? {
          ...services.environment,
          ...own,
          EVERWAVE_EGRESS_ALLOW: [services.environment, own]
            .map((each) => each['EVERWAVE_EGRESS_ALLOW'] ?? '')
            .filter((text) => text !== '')
            .join(','),
        }
      : services.environment;
    const entry = entriesOf(settings);
    const start = async (name: ProcessName | 'demo', more: NodeJS.ProcessEnv = {}) => {
      progress(`Starting ${name}`);
      const child = await startEntry(name, entry[name], {
        flags: name === 'demo' ? [] : nodeFlags(name, profileFolder(name)),
        environment:
          name === 'demo' || name === 'api' ? { ...environment, ...more } : withWorkerHeap({ ...environment, ...more }),
        progress,
      });
      keep(child);
    };
    await start('demo');
    // A worker that first builds its bundle keeps the builder's memory.
    if (processes.includes('worker')) await buildBundle(environment);
    for (const name of processes) {
      await start(name, name === 'byHand' ? { TEMPORAL_NAMESPACE: byHandNamespace } : {});
    }

    const db = createDatabase({ url: services.databaseUrl, applicationName: 'everwave-bench' });
    const masterKeys = loadMasterKeys({ secretKeyFile: services.secretKeyFile });
    const ring = createKeyRing({ db, masterKeys });
    const dataConverter = createDataConverter({ ring, withoutOrg: 'refuse' });
    const connect = async (namespace: string) => {
      const temporal = await createTemporalClient({
        settings: { address: services.temporalAddress, namespace, apiKey: null, tls: null },
        dataConverter,
      });
      parts.push({ name: 'client', pid: () => null, stop: () => temporal.close(), kill: () => {} });
      return temporal.client;
    };
    const temporal = { ours: await connect(settings.temporalNamespace), byHand: await connect(byHandNamespace) };
    parts.push({ name: 'database', pid: () => null, stop: () => db.$client.end({ timeout: 5 }), kill: () => {} });

    interruption.isStarting = false;
    return {
      orgId: prepared.orgId,
      apiUrl: addressesOf(settings).api,
      apiKey: prepared.apiKey ?? '',
      setupToken: prepared.setupUrl && new URL(prepared.setupUrl).searchParams.get('token'),
      db,
      ring,
      temporal,
      pids: () =>
        Object.fromEntries(
          parts.flatMap(({ name, pid }) => {
            const found = pid();
            return found === null ? [] : [[name, found]];
          }),
        ),
      profileFolder,
      stopProcess: async (name) => {
        const index = parts.findIndex((part) => part.name === name);
        const [part] = index === -1 ? [] : parts.splice(index, 1);
        await part?.stop();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** Of one process: enough to see that something is wrong, and what. */
const shownComplaints = 3;

interface Entry {
  readonly main: string;
  /** Where it says that it is ready; without one, in its log. */
  readonly ready: string | null;
}

const entriesOf = (settings: Settings): Record<ProcessName | 'demo', Entry> => {
  const { local } = addressesOf(settings);
  return {
    demo: { main: 'activities/src/demo.ts', ready: `${local('EVERWAVE_DEMO_MAIL_PORT')}/` },
    worker: { main: 'temporal-workers/src/main.ts', ready: `${local('EVERWAVE_WORKER_PORT')}/readyz` },
    byHand: { main: 'bench/src/by-hand/worker.ts', ready: null },
    api: { main: 'api/src/main.ts', ready: `${local('EVERWAVE_API_PORT')}/readyz` },
  };
};

const buildBundle = async (environment: NodeJS.ProcessEnv): Promise<void> => {
  const script = join(projectFolder, 'temporal-workers/src/keep-bundle.ts');
  await promisify(execFile)(process.execPath, [script], { cwd: projectFolder, env: environment });
};

interface StartOptions {
  readonly flags: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: (line: string) => void;
}

const startEntry = (
  name: string,
  { main, ready }: Entry,
  { flags, environment, progress }: StartOptions,
): Promise<Child> => {
  let saidReady = false;
  let complaints = 0;
  return startChild({
    name,
    command: [process.execPath, ...flags, join(projectFolder, main)],
    folder: projectFolder,
    environment,
    isReady: ready === null ? async () => saidReady : answers(ready),
    onLine: (line) => {
      if (/"message":"[^"]*\bready"/.test(line)) saidReady = true;
      if (!/"level":"(error|fatal)"/.test(line)) return;
      complaints += 1;
      if (complaints <= shownComplaints) progress(`${name}: ${line.slice(0, 300)}`);
    },
    onStart: () => {},
    say: progress,
  });
};

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../lib/embedded-postgres.ts';
import { projectFolder } from '../lib/folders.ts';
import { freePort } from '../lib/ports.ts';
import { withWorkerHeap } from '../lib/worker-heap.ts';
import { addressesOf, choosePorts, environmentOf, type Services } from './addresses.ts';
import { buildWeb, isWebBuilt } from './build-web.ts';
import { checkManagedPostgres } from './check-postgres.ts';
import { checkPorts } from './check-ports.ts';
import { answers, startChild, type Child } from './child.ts';
import { checkDisk, openDataFolder } from './data-folder.ts';
import type { Settings } from './env.ts';
import { keepServer } from './keep-server.ts';
import { keepLocalAccess } from './local-access.ts';
import { lockDataFolder } from './lock.ts';
import { prepare, type Prepared } from './prepare.ts';
import type { Screen } from './screen.ts';
import { ensureSecretKey } from './secret-key.ts';
import { Survivors } from './survivors.ts';
import { backUpBeforeUpgrade, explainFailedUpgrade } from './upgrade.ts';
import { findOrInstallTemporal, registerWithTemporal, startOwnTemporal } from './temporal.ts';
import { serveTemporalUi } from './temporal-ui.ts';

export interface Product {
  /** With every port chosen. */
  readonly settings: Settings;
  readonly services: Services;
  readonly prepared: Prepared;
  /** Process ids by name: postgres, temporal, api, worker, web, demo. null while one is being restarted. */
  pid(name: string): number | null;
  /** In order: who asks ends before who answers. */
  stop(): Promise<void>;
  /** At once. Data survives; that is what the next start is for. */
  kill(): void;
}

interface Part {
  readonly name: string;
  readonly pid: () => number | null;
  stop(): Promise<void>;
  kill(): void;
}

/** Starts everything. When something cannot be started, what was started before it is stopped and the reason is thrown. */
export const startProduct = async (given: Settings, screen: Screen, signal: AbortSignal): Promise<Product> => {
  openDataFolder(given.dataFolder);
  checkDisk(given.dataFolder);
  const unlock = lockDataFolder(given.dataFolder);
  const parts: Part[] = [];
  const survivors = new Survivors(given.dataFolder);
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) {
      screen.say(`Stopping ${part.name} …`);
      await part.stop();
    }
    survivors.clear();
    unlock();
  };
  const kill = () => {
    for (const part of parts.toReversed()) part.kill();
    unlock();
  };
  try {
    const ended = await survivors.end();
    if (ended.length > 0) screen.say(`Ended what an interrupted start left behind: ${ended.join(', ')}.`);
    await checkPorts(given);
    const settings = await choosePorts(given);
    const { services, prepared } = await startEverything({ settings, screen, signal, parts, survivors });
    const pid = (name: string) => parts.find((part) => part.name === name)?.pid() ?? null;
    return { settings, services, prepared, pid, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  }
};

interface Context {
  readonly settings: Settings;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** In the order of their start; stopped in the reverse order. */
  readonly parts: Part[];
  readonly survivors: Survivors;
}

const startEverything = async (context: Context): Promise<{ services: Services; prepared: Prepared }> => {
  const { settings, screen, signal } = context;
  const secretKeyFile = settings.hasOwnSecretKey ? null : keyFileOf(settings);
  // Postgres first, so that it is stopped last.
  const databaseUrl = await startPostgres(context);
  const [temporal] = await allOrFirstError([startTemporal(context), makeWeb(context)]);
  signal.throwIfAborted();

  const services: Services = { databaseUrl, ...temporal, secretKeyFile };
  const environment = environmentOf(settings, services);
  const backup = await backUpBeforeUpgrade(settings, databaseUrl);
  if (backup !== null) screen.say(`Made a backup before the database is brought to this release: ${backup}`);
  const prepared = await screen.step('Preparing the database', () =>
    prepare(environment, (line) => screen.log('prepare', line)).catch((error: unknown) => {
      throw explainFailedUpgrade(error, backup);
    }),
  );
  keepLocalAccess(settings.dataFolder, addressesOf(settings).api, prepared.apiKey);
  signal.throwIfAborted();
  await screen.step('Starting api, worker and web', () => startProcesses(context, environment));
  signal.throwIfAborted();
  return { services, prepared };
};

const keyFileOf = ({ dataFolder, databaseUrl }: Settings): string => {
  const hasData =
    databaseUrl === null &&
    (existsSync(join(dataFolder, 'postgres', 'PG_VERSION')) || existsSync(join(dataFolder, 'postgres-folder')));
  return ensureSecretKey(dataFolder, hasData);
};

const startPostgres = async ({ settings, screen, parts, survivors }: Context): Promise<string> => {
  const { databaseUrl, dataFolder, ports } = settings;
  if (databaseUrl !== null) {
    await screen.step('Checking the Postgres in DATABASE_URL', () => checkManagedPostgres(databaseUrl));
    return databaseUrl;
  }
  return screen.step('Starting Postgres', async (say) => {
    const server = await keepServer({
      name: 'postgres',
      start: () =>
        startEmbeddedPostgres({
          dataFolder,
          port: ports.EVERWAVE_POSTGRES_PORT,
          database: 'everwave',
          onLog: (line) => screen.log('postgres', line),
          onProgress: say,
        }),
      // SIGINT is Postgres's word for: roll back, write, end.
      onStart: (pid) => survivors.add('postgres', pid, 'SIGINT'),
      say: screen.say,
    });
    parts.push({ name: 'postgres', ...server });
    return server.first.url;
  });
};

const startTemporal = async ({
  settings,
  screen,
  signal,
  parts,
  survivors,
}: Context): Promise<Pick<Services, 'temporalAddress' | 'temporalUiUrl'>> => {
  const { temporal, temporalNamespace: namespace, temporalUiUrl } = settings;
  if (temporal !== null) {
    await screen.step(`Connecting to Temporal at ${temporal.address}`, () => registerWithTemporal(temporal));
    return { temporalAddress: temporal.address, temporalUiUrl };
  }
  return screen.step('Starting Temporal', async (say) => {
    const binary = await findOrInstallTemporal(settings, say, signal);
    const uiPort = await freePort();
    const ui = await serveTemporalUi({
      host: '127.0.0.1',
      port: settings.ports.EVERWAVE_TEMPORAL_UI_PORT,
      uiUrl: `http://127.0.0.1:${uiPort}`,
      apiUrl: addressesOf(settings).local('EVERWAVE_API_PORT'),
    });
    parts.push({ name: 'temporal-ui', pid: () => null, stop: () => ui.stop(), kill: () => void ui.stop() });
    const server = await keepServer({
      name: 'temporal',
      start: () =>
        startOwnTemporal(binary, {
          settings,
          uiPort,
          codecEndpoint: `${ui.url}/codec`,
          onLog: (line) => screen.log('temporal', line),
        }),
      onStart: (pid) => survivors.add('temporal', pid),
      say: screen.say,
    });
    parts.push({ name: 'temporal', ...server });
    const { address } = server.first;
    await registerWithTemporal({ address, namespace, apiKey: null, tls: null });
    return { temporalAddress: address, temporalUiUrl: temporalUiUrl ?? ui.url };
  });
};

const makeWeb = async ({ settings, screen }: Context): Promise<void> => {
  if (isWebBuilt()) return;
  await screen.step('Building the web', () => buildWeb(settings.variables));
};

interface PlannedProcess {
  readonly name: string;
  readonly main: string;
  /** Answers with a success when the process does its work. */
  readonly ready: string;
}

/** Who answers before who asks; the reverse is the order of the end. */
const plannedProcesses = (settings: Settings): PlannedProcess[] => {
  const { local } = addressesOf(settings);
  const demo = { name: 'demo', main: 'activities/src/demo.ts', ready: `${local('EVERWAVE_DEMO_MAIL_PORT')}/` };
  return [
    ...(settings.demo ? [demo] : []),
    { name: 'worker', main: 'temporal-workers/src/main.ts', ready: `${local('EVERWAVE_WORKER_PORT')}/readyz` },
    { name: 'api', main: 'api/src/main.ts', ready: `${local('EVERWAVE_API_PORT')}/readyz` },
    { name: 'web', main: 'web/server.ts', ready: `${local('EVERWAVE_WEB_PORT')}/healthz` },
  ];
};

const startProcesses = async (
  { settings, screen, parts, survivors }: Context,
  environment: NodeJS.ProcessEnv,
): Promise<void> => {
  const started: (Child | undefined)[] = [];
  const start = async ({ name, main, ready }: PlannedProcess, index: number) => {
    started[index] = await startChild({
      name,
      command: [process.execPath, join(projectFolder, main)],
      folder: projectFolder,
      environment: name === 'worker' ? withWorkerHeap(environment) : environment,
      isReady: answers(ready),
      onLine: (line) => screen.log(name, line),
      onStart: (pid) => survivors.add(name, pid),
      say: screen.say,
    });
  };
  try {
    await allOrFirstError(plannedProcesses(settings).map(start));
  } finally {
    parts.push(...started.filter((child) => child !== undefined));
  }
};

/** Like Promise.all, but waits for all of them, so that nothing is still starting while the rest is being stopped. */
const allOrFirstError = async <Results extends readonly Promise<unknown>[]>(
  work: readonly [...Results],
): Promise<{ -readonly [Index in keyof Results]: Awaited<Results[Index]> }> => {
  await Promise.allSettled(work);
  return Promise.all(work);
};

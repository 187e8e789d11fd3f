import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startDevServer } from '@everwave/temporal/dev-server';
import { startEmbeddedPostgres } from '../../../scripts/lib/embedded-postgres.ts';
import { choosePorts, environmentOf } from '../../../scripts/supervisor/addresses.ts';
import { parseSettings, portNames, type Settings } from '../../../scripts/supervisor/env.ts';
import { prepare, type Prepared } from '../../../scripts/supervisor/prepare.ts';
import { ensureSecretKey } from '../../../scripts/supervisor/secret-key.ts';
import { findOrInstallTemporal, registerWithTemporal } from '../../../scripts/supervisor/temporal.ts';

export interface Part {
  readonly name: string;
  readonly pid: () => number | null;
  stop(): Promise<void>;
  kill(): void;
}

export interface ServicesOptions {
  readonly dataFolder: string;
  /** Namespaces beside our own. */
  readonly namespaces: readonly string[];
  readonly progress: (line: string) => void;
  /** Hears of each server as soon as it runs, so that it is stopped even when a later one does not start. */
  readonly onStarted: (part: Part) => void;
}

export interface BenchServices {
  /** With every port chosen. */
  readonly settings: Settings;
  /** What every process of the product is started with. */
  readonly environment: NodeJS.ProcessEnv;
  readonly prepared: Prepared;
  readonly databaseUrl: string;
  readonly secretKeyFile: string;
  /** host:port */
  readonly temporalAddress: string;
}

/** Postgres and Temporal as `npm start` runs them, their data on the disk, and the database prepared with the demo's connections. */
export const startServices = async ({
  dataFolder,
  namespaces,
  progress,
  onStarted,
}: ServicesOptions): Promise<BenchServices> => {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const settings = await choosePorts(benchSettings(dataFolder));
  const secretKeyFile = ensureSecretKey(dataFolder, false);

  progress('Starting Postgres');
  const postgres = await startEmbeddedPostgres({
    dataFolder,
    port: settings.ports.EVERWAVE_POSTGRES_PORT,
    database: 'everwave',
  });
  onStarted(toPart('postgres', postgres, 'SIGQUIT'));

  progress('Starting Temporal');
  const binary = await findOrInstallTemporal(settings, progress, AbortSignal.timeout(600_000));
  const server = await startDevServer({
    binary,
    host: '127.0.0.1',
    port: settings.ports.EVERWAVE_TEMPORAL_PORT,
    uiPort: null,
    databaseFile: join(dataFolder, 'temporal.db'),
    namespace: settings.temporalNamespace,
  });
  onStarted(toPart('temporal', server, 'SIGKILL'));
  const { address } = server;
  for (const namespace of [settings.temporalNamespace, ...namespaces]) {
    await registerWithTemporal({ address, namespace, apiKey: null, tls: null }, 1);
  }

  progress('Preparing the database');
  const environment = environmentOf(settings, {
    databaseUrl: postgres.url,
    temporalAddress: address,
    temporalUiUrl: null,
    secretKeyFile,
  });
  const prepared = await prepare(environment, progress);
  return { settings, environment, prepared, databaseUrl: postgres.url, secretKeyFile, temporalAddress: address };
};

/** Nothing of a person's own settings: figures are to be compared. */
const benchSettings = (dataFolder: string): Settings =>
  parseSettings({
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    EVERWAVE_TOOLS: process.env['EVERWAVE_TOOLS'],
    EVERWAVE_DATA: dataFolder,
    ...Object.fromEntries(portNames.map((name) => [name, '0'])),
  });

interface Server {
  readonly process: { readonly pid?: number | undefined; kill(signal: NodeJS.Signals): boolean };
  stop(): Promise<void>;
}

/** `atOnce` is the signal that leaves nothing of the server behind. */
const toPart = (name: string, server: Server, atOnce: NodeJS.Signals): Part => ({
  name,
  pid: () => server.process.pid ?? null,
  stop: () => server.stop(),
  kill: () => void server.process.kill(atOnce),
});

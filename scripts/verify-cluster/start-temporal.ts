import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectToTemporal } from '@everwave/temporal/client';
import { readService } from '../deploy/compose-file.ts';
import { projectFolder } from '../lib/folders.ts';
import { portProblem } from '../lib/ports.ts';
import { Refusal } from '../lib/refusal.ts';
import type { ServerPrograms } from './install-server.ts';
import type { ClusterPostgres } from './start-postgres.ts';

export interface ClusterTemporal {
  /** host:port */
  readonly address: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Runs deploy/temporal/set-up-schema.sh as the service temporal-schema does. Returns what the tool said. */
export const setUpSchema = (programs: ServerPrograms, postgres: ClusterPostgres): string => {
  const { status, stdout, stderr } = spawnSync('sh', [join(projectFolder, 'deploy', 'temporal', 'set-up-schema.sh')], {
    encoding: 'utf8',
    env: {
      PATH: [programs.folder, process.env['PATH']].join(delimiter),
      ...readService('temporal-schema', whereIs(postgres)).environment,
      SQL_PASSWORD: postgres.temporalPassword,
      TEMPORAL_SCHEMA_FOLDER: programs.schema,
    },
  });
  if (status !== 0) throw new Refusal(`deploy/temporal/set-up-schema.sh failed:\n${stdout}${stderr.slice(-3000)}`);
  return stdout + stderr;
};

const whereIs = ({ port }: ClusterPostgres) => ({
  EVERWAVE_POSTGRES_HOST: '127.0.0.1',
  EVERWAVE_POSTGRES_PORT_INSIDE: String(port),
});

/** All four roles of Temporal's server in one process, with the environment of the service temporal; ports of its own. */
export const startTemporal = async (
  programs: ServerPrograms,
  postgres: ClusterPostgres,
  logFile: string,
): Promise<ClusterTemporal> => {
  const roles = ['FRONTEND', 'HISTORY', 'MATCHING', 'WORKER'];
  const names = [...roles.flatMap((role) => [`${role}_GRPC_PORT`, `${role}_MEMBERSHIP_PORT`]), 'FRONTEND_HTTP_PORT'];
  const ports: Record<string, string> = {};
  for (const name of names) ports[name] = await lowPort(Object.values(ports));
  const child = spawn(join(programs.folder, 'temporal-server'), ['start'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...readService('temporal', whereIs(postgres)).environment,
      ...ports,
      POSTGRES_PWD: postgres.temporalPassword,
      BIND_ON_IP: '127.0.0.1',
      PROMETHEUS_ENDPOINT: `127.0.0.1:${await lowPort(Object.values(ports))}`,
      DYNAMIC_CONFIG_FILE_PATH: join(projectFolder, 'temporal', 'src', 'dynamic-config.yaml'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile);
  let recent = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log.write(chunk);
      recent = (recent + chunk.toString()).slice(-3000);
    });
  }
  const address = `127.0.0.1:${ports['FRONTEND_GRPC_PORT']}`;
  await untilReady(child, address, () => recent);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    address,
    process: child,
    stop: async () => {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(force);
    },
  };
};

/** The server keeps its ports in a column of 16 bits with a sign. */
const lowPort = async (taken: readonly string[]): Promise<string> => {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (!taken.includes(String(port)) && (await portProblem('127.0.0.1', port)) === null) return String(port);
  }
};

const patience = 120_000;

const untilReady = async (child: ChildProcess, address: string, lastWords: () => string): Promise<void> => {
  const end = Date.now() + patience;
  const settings = { address, namespace: 'temporal-system', apiKey: null, tls: null };
  for (;;) {
    if (child.exitCode !== null || Date.now() > end) {
      child.kill('SIGKILL');
      throw new Refusal(`The Temporal server did not start. Its last words:\n${lastWords()}`);
    }
    try {
      const connection = await connectToTemporal(settings, 2_000);
      await connection.close();
      return;
    } catch {
      await sleep(500);
    }
  }
};

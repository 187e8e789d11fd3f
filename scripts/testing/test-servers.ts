import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { migrate } from '@everwave/schema/db';
import { startDevServer } from '@everwave/temporal/dev-server';
import { findTemporal } from '@everwave/temporal/install';
import { startEmbeddedPostgres } from '../lib/embedded-postgres.ts';
import { toolsFolder } from '../lib/folders.ts';
import { freePort } from '../lib/ports.ts';
import type { Answers } from './protocol.ts';

export interface TestServers {
  readonly url: string;
  stop(): Promise<void>;
}

interface Started<T> {
  readonly told: T;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Answers `GET /postgres` and `GET /temporal`, starting each server at the first question, so that pure tests wait for neither. */
export const startTestServers = async (): Promise<TestServers> => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-test-'));
  chmodSync(folder, 0o755);
  const started = new Map<string, Promise<Started<unknown>>>();
  const starters: Record<string, () => Promise<Started<unknown>>> = {
    '/postgres': () => startPostgres(join(folder, 'data')),
    '/temporal': startTemporal,
  };

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const start = starters[path];
    if (!start) return reply(response, 404, { error: `No test server at ${path}.` });
    const running = started.get(path) ?? endedWithUs(start());
    started.set(path, running);
    running.then(
      ({ told }) => reply(response, 200, told),
      (error: unknown) => reply(response, 500, { error: error instanceof Error ? error.message : String(error) }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const stop = async () => {
    server.closeAllConnections();
    server.close();
    const running = await Promise.allSettled(started.values());
    for (const one of running) if (one.status === 'fulfilled') await one.value.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
};

/** A run of Vitest that is interrupted does not come to its teardown. */
const endedWithUs = async (starting: Promise<Started<unknown>>): Promise<Started<unknown>> => {
  const started = await starting;
  process.once('exit', () => started.process.kill('SIGKILL'));
  return started;
};

const reply = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const template = 'everwave_template';

const startPostgres = async (dataFolder: string): Promise<Started<Answers['postgres']>> => {
  const server = await startEmbeddedPostgres({
    dataFolder,
    port: 0,
    database: template,
    // The files are thrown away at the end: no test is about power failure.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' },
  });
  try {
    const url = await prepareTemplate(server.url);
    return { told: { url, template }, process: server.process, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

const prepareTemplate = async (templateUrl: string): Promise<string> => {
  await migrate(templateUrl);
  const url = templateUrl.replace(`/${template}`, '/postgres');
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`alter database ${sql(template)} is_template true`;
  await sql.end();
  return url;
};

const startTemporal = async (): Promise<Started<Answers['temporal']>> => {
  const found = await findTemporal(toolsFolder(), process.env);
  if (!found) {
    throw new Error('These tests need Temporal. Run npm test once, which installs it, or put temporal on PATH.');
  }
  const { binary } = found;
  const server = await startDevServer({
    binary,
    host: '127.0.0.1',
    port: await freePort(),
    uiPort: null,
    databaseFile: null,
    namespace: 'everwave-test',
  });
  return { told: { address: server.address, binary }, process: server.process, stop: () => server.stop() };
};

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { createRequestListener } from '@react-router/node';
import { pino } from 'pino';
import type { ServerBuild } from 'react-router';
import { createWebServer } from '../../server/create-web-server.ts';
import { openStaticFiles } from '../../server/static-files.ts';
import { createWebMetrics } from '../../server/web-metrics.ts';
import { createFakeApi, type FakeApi } from '../fake-api/create-fake-api.ts';
import { createWorld, type WorldOptions } from '../fake-api/world.ts';

/** A running product to drive with a browser. */
export interface Stack {
  readonly url: string;
  close(): Promise<void>;
}

/** The built web in front of a fake api, in this process. */
export interface FakeStack extends Stack {
  readonly api: FakeApi;
}

const listen = async (server: Server): Promise<URL> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};

const close = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
};

const webFolder = join(import.meta.dirname, '..', '..');

/** A copy of the build for this process alone: a build that runs at the same time empties the folder while it works. */
const copyBuild = async (): Promise<string> => {
  const built = join(webFolder, 'build');
  if (!existsSync(join(built, 'server', 'index.js'))) {
    throw new Error('There is no built web. Run: pnpm --filter @everwave/web build');
  }
  const copy = join(webFolder, 'node_modules', '.cache', `build-${process.pid}`);
  await cp(built, copy, { recursive: true });
  return copy;
};

/** The real web server and pages over a world in memory, on ephemeral ports. One per process: pages read the environment once. */
export const startFakeStack = async (options: Partial<WorldOptions> = {}): Promise<FakeStack> => {
  const world = createWorld({ now: Date.now(), webUrl: 'http://127.0.0.1:3000', ...options });
  const api = createFakeApi(world);
  const apiServer = createAdaptorServer({ fetch: api.app.fetch }) as Server;
  const apiUrl = await listen(apiServer);

  const webServer = createServer();
  const webUrl = await listen(webServer);
  Object.assign(process.env, {
    EVERWAVE_URL: webUrl.origin,
    EVERWAVE_API_INTERNAL_URL: apiUrl.origin,
    EVERWAVE_LOG_LEVEL: 'silent',
  });
  const buildFolder = await copyBuild();
  const build = (await import(pathToFileURL(join(buildFolder, 'server', 'index.js')).href)) as ServerBuild;
  const web = createWebServer({
    publicUrl: webUrl,
    apiInternalUrl: apiUrl,
    trustedProxies: [],
    files: await openStaticFiles(join(buildFolder, 'client')),
    pages: createRequestListener({ build: { ...build, allowedActionOrigins: [webUrl.host] }, mode: 'production' }),
    metrics: createWebMetrics('test'),
    metricsToken: null,
    log: pino({ level: 'silent' }),
  });
  webServer.on('request', (request, response) => web.emit('request', request, response));

  return {
    url: webUrl.origin,
    api,
    close: async () => {
      await close(webServer);
      await close(apiServer);
      await rm(buildFolder, { recursive: true, force: true });
    },
  };
};

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { createRequestListener } from '@react-router/node';
import { pino } from 'pino';
import type { ServerBuild } from 'react-router';
import { createWebServer } from '../../server/create-web-server.ts';
import { openStaticFiles } from '../../server/static-files.ts';
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

const buildFolder = join(import.meta.dirname, '..', '..', 'build');

const loadBuild = async (): Promise<ServerBuild> => {
  const file = join(buildFolder, 'server', 'index.js');
  if (!existsSync(file)) throw new Error('There is no built web. Run: pnpm --filter @everwave/web build');
  return (await import(pathToFileURL(file).href)) as ServerBuild;
};

/** The real web server and pages over a world in memory, on ephemeral ports. One per process: pages read the environment once. */
export const startFakeStack = async (options: Partial<WorldOptions> = {}): Promise<FakeStack> => {
  const world = createWorld({ now: Date.now(), webUrl: 'http://127.0.0.1:3000', ...options });
  const api = createFakeApi(world);
  const apiServer = createServer(getRequestListener(api.app.fetch));
  const apiUrl = await listen(apiServer);

  const webServer = createServer();
  const webUrl = await listen(webServer);
  Object.assign(process.env, {
    EVERWAVE_URL: webUrl.origin,
    EVERWAVE_API_INTERNAL_URL: apiUrl.origin,
    EVERWAVE_LOG_LEVEL: 'silent',
  });
  const build = await loadBuild();
  const web = createWebServer({
    publicUrl: webUrl,
    apiInternalUrl: apiUrl,
    files: await openStaticFiles(join(buildFolder, 'client')),
    pages: createRequestListener({ build: { ...build, allowedActionOrigins: [webUrl.host] }, mode: 'production' }),
    log: pino({ level: 'silent' }),
  });
  webServer.on('request', (request, response) => web.emit('request', request, response));

  return {
    url: webUrl.origin,
    api,
    close: async () => {
      await close(webServer);
      await close(apiServer);
    },
  };
};

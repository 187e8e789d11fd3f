import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWebServer } from './create-web-server.ts';
import { openStaticFiles } from './static-files.ts';
import { createWebMetrics } from './web-metrics.ts';

let folder: string;
let web: Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everwave-web-'));
  web = createWebServer({
    trustedProxies: [],
    publicUrl: new URL('https://flows.example.com'),
    apiInternalUrl: new URL('http://127.0.0.1:1'),
    files: await openStaticFiles(folder),
    pages: (_request, response) => response.end('a page'),
    metrics: createWebMetrics('test'),
    metricsToken: null,
    log: pino({ level: 'silent' }),
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
});
afterAll(async () => {
  web.closeAllConnections();
  web.close();
  await rm(folder, { recursive: true, force: true });
});

const change = (path: string, headers: Record<string, string>): Promise<Response> =>
  fetch(`http://127.0.0.1:${(web.address() as AddressInfo).port}${path}`, { method: 'POST', headers });

it.each(['Basic YTpi', 'Digest username="a"', 'Negotiate x', 'Bearer', 'Bearer '])(
  'a change from another site stays refused when the browser adds “%s” by itself',
  async (authorization) => {
    for (const path of ['/v1/flows', '/sign-in']) {
      const reply = await change(path, { authorization, origin: 'https://evil.example' });
      expect([path, reply.status]).toEqual([path, 403]);
    }
  },
);

it('a program with a key needs no origin', async () => {
  expect((await change('/v1/flows', { authorization: 'Bearer ew_1' })).status).toBe(502);
  expect((await change('/v1/flows', { 'x-api-key': 'ew_1' })).status).toBe(502);
});

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trustedProxiesSchema } from '@everwave/schema/network';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createWebServer } from './create-web-server.ts';
import { createWebMetrics } from './web-metrics.ts';

const listen = async (server: Server): Promise<URL> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};

const start = async (metricsToken: string | null = null) => {
  const api = createServer((_request, response) => response.end('{}'));
  const apiInternalUrl = await listen(api);
  const web = createWebServer({
    publicUrl: new URL('http://127.0.0.1:3000'),
    apiInternalUrl,
    trustedProxies: trustedProxiesSchema.parse('127.0.0.1'),
    files: { serve: async () => false },
    pages: (_request, response) => response.writeHead(500).end('a page'),
    metrics: createWebMetrics('1.2.3'),
    metricsToken,
    log: pino({ level: 'silent' }),
  });
  const url = await listen(web);
  const get = (path: string, headers: Record<string, string> = {}) => fetch(new URL(path, url), { headers });
  return { api, get };
};

it('lives without the api, and is not ready without it', async () => {
  const { api, get } = await start();
  expect((await get('/readyz')).status).toBe(200);
  api.closeAllConnections();
  api.close();
  const notReady = await get('/readyz');
  expect([notReady.status, await notReady.json()]).toEqual([
    503,
    { status: 'not ready', problems: ['the api does not answer'] },
  ]);
  expect((await get('/healthz')).status).toBe(200);
});

it('counts requests by who answers them, never by their path', async () => {
  const { get } = await start();
  for (const path of ['/v1/runs/run_1', '/workflows', '/workflows/flow_1.data', '/assets/root.js', '/healthz?x=1']) {
    await (await get(path)).text();
  }
  const text = await (await get('/metrics')).text();
  const counted = text.match(/^everwave_http_request_duration_seconds_count\{.*$/gm);
  expect(counted?.toSorted()).toEqual([
    'everwave_http_request_duration_seconds_count{method="GET",route="api",status="200"} 1',
    'everwave_http_request_duration_seconds_count{method="GET",route="files",status="500"} 1',
    'everwave_http_request_duration_seconds_count{method="GET",route="health",status="200"} 1',
    'everwave_http_request_duration_seconds_count{method="GET",route="pages",status="500"} 2',
  ]);
  expect(text).toContain('everwave_build_info{version="1.2.3"} 1');
});

it('shows its metrics to nobody from elsewhere', async () => {
  const { get } = await start();
  const refused = await get('/metrics', { 'x-forwarded-for': '203.0.113.9' });
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([403, 'metrics_closed']);
  const withToken = await start('token-of-this-test');
  expect((await withToken.get('/metrics')).status).toBe(403);
  expect((await withToken.get('/metrics', { authorization: 'Bearer token-of-this-test' })).status).toBe(200);
});

import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trustedProxiesSchema } from '@everwave/schema/network';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWebServer } from './create-web-server.ts';
import { openStaticFiles } from './static-files.ts';
import { createWebMetrics } from './web-metrics.ts';

const listen = async (server: Server): Promise<URL> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};

const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
let openStream: ServerResponse | null = null;

const api = createServer((incoming, outgoing) => {
  if (incoming.url === '/v1/runs/events') {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('event: run\ndata: first\n\n');
    openStream = outgoing;
    return;
  }
  let body = '';
  incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
  incoming.on('end', () => {
    seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body });
    outgoing.writeHead(201, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] });
    outgoing.end('{"ok":true}');
  });
});

let folder: string;
let web: Server;
let url: URL;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everwave-web-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'assets', 'root-abc123.js'), 'export {};');
  await writeFile(join(folder, 'favicon.svg'), '<svg/>');
  const apiInternalUrl = await listen(api);
  // The server needs its own address before it exists.
  const probe = createServer();
  url = await listen(probe);
  probe.close();
  await once(probe, 'close');
  web = createWebServer({
    publicUrl: url,
    apiInternalUrl,
    trustedProxies: trustedProxiesSchema.parse('127.0.0.1'),
    files: await openStaticFiles(folder),
    pages: ({ headers }, response) => response.end(headers['x-asks-sender'] ? headers['x-forwarded-for'] : 'a page'),
    metrics: createWebMetrics('test'),
    metricsToken: null,
    log: pino({ level: 'silent' }),
  });
  web.listen(Number(url.port), '127.0.0.1');
  await once(web, 'listening');
});

afterAll(async () => {
  for (const server of [web, api]) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

/** Sends a path as it is written; `fetch` would tidy it first. */
const rawGet = (path: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: url.hostname, port: url.port, path }, (reply) => {
      let body = '';
      reply.on('data', (chunk: Buffer) => (body += chunk.toString()));
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });

describe('the web server', () => {
  it('says that it is healthy without asking anyone', async () => {
    const reply = await fetch(new URL('/healthz', url));
    expect(await reply.json()).toEqual({ status: 'ok' });
  });

  it('puts security headers and a request id on every reply', async () => {
    for (const path of ['/', '/favicon.svg', '/healthz']) {
      const { headers } = await fetch(new URL(path, url));
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/);
    }
  });

  it('passes a call to the api with its cookie, body and request id, and the reply back whole', async () => {
    const reply = await fetch(new URL('/v1/flows?limit=2', url), {
      method: 'POST',
      headers: {
        origin: url.origin,
        cookie: 'session=x',
        'content-type': 'application/json',
        'x-request-id': 'test-request-1',
      },
      body: '{"name":"A"}',
    });
    expect(reply.status).toBe(201);
    expect(reply.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await reply.json()).toEqual({ ok: true });
    const call = seen.at(-1);
    expect(call).toMatchObject({ method: 'POST', url: '/v1/flows?limit=2', body: '{"name":"A"}' });
    expect(call?.headers['cookie']).toBe('session=x');
    expect(call?.headers['x-request-id']).toBe('test-request-1');
    expect(call?.headers['x-forwarded-for']).toBe('127.0.0.1');
  });

  it.each([
    ['who opened the connection', {}, '127.0.0.1'],
    ['whom the proxy in front of it saw', { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' }, '203.0.113.9'],
    ['nobody else', { forwarded: 'for=198.51.100.1', 'x-real-ip': '198.51.100.1' }, '127.0.0.1'],
  ])('tells the api and the pages who asks: %s', async (_who, headers, sender) => {
    await fetch(new URL('/v1/me', url), { headers });
    expect(seen.at(-1)?.headers['x-forwarded-for']).toBe(sender);
    const page = await fetch(new URL('/runs', url), { headers: { ...headers, 'x-asks-sender': '1' } });
    expect(await page.text()).toBe(sender);
  });

  it('believes no header of a sender that is no trusted proxy', async () => {
    const open = createWebServer({
      publicUrl: url,
      apiInternalUrl: new URL('http://127.0.0.1:1'),
      trustedProxies: [],
      files: await openStaticFiles(folder),
      pages: ({ headers }, response) => response.end(headers['x-forwarded-for']),
      metrics: createWebMetrics('test'),
      metricsToken: null,
      log: pino({ level: 'silent' }),
    });
    const address = await listen(open);
    const page = await fetch(new URL('/runs', address), { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(await page.text()).toBe('127.0.0.1');
    open.closeAllConnections();
    open.close();
  });

  it('hands on events of a stream as they are written, and closes it when the reader leaves', async () => {
    const leave = new AbortController();
    const reply = await fetch(new URL('/v1/runs/events', url), { signal: leave.signal });
    const reader = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('first');
    openStream?.write('event: run\ndata: second\n\n');
    expect((await reader?.read())?.value).toContain('second');
    const closed = once(openStream as ServerResponse, 'close');
    leave.abort();
    await closed;
  });

  it('refuses a change that another site asked for, before the api hears of it', async () => {
    const before = seen.length;
    for (const headers of [{ origin: 'https://evil.example' }, {}]) {
      const reply = await fetch(new URL('/v1/flows', url), { method: 'POST', headers });
      expect(reply.status).toBe(403);
      expect(await reply.json()).toMatchObject({ code: 'foreign_origin' });
    }
    expect(seen.length).toBe(before);
  });

  it('lets a mail program end mails without an origin, at that address alone', async () => {
    const post = (path: string) => fetch(new URL(path, url), { method: 'POST', redirect: 'manual' });
    expect((await post('/unsubscribe?token=x')).status).not.toBe(403);
    expect((await post('/unsubscribe/x')).status).toBe(403);
    expect((await post('/settings/notifications')).status).toBe(403);
  });

  it('lets a program with a key change things without an origin', async () => {
    const reply = await fetch(new URL('/v1/flows', url), { method: 'POST', headers: { authorization: 'Bearer ew_1' } });
    expect(reply.status).toBe(201);
  });

  it('passes on nothing but /v1, /auth and the reference of the api, however the path is spelled', async () => {
    const before = seen.length;
    for (const path of [
      '/v1/../codec/decode',
      '/v1/%2e%2e/hooks/x',
      '/v12/flows',
      '/authority',
      '/docs2',
      '/openapi.json/x',
      '//v1/flows',
      '/V1/flows',
    ]) {
      expect((await rawGet(path)).body).toBe('a page');
    }
    expect(seen.length).toBe(before);
  });

  it.each(['/docs', '/docs/start.js', '/openapi.json', '/v1/me', '/auth/get-session'])('passes on %s', async (path) => {
    await fetch(new URL(path, url));
    expect(seen.at(-1)?.url).toBe(path);
  });

  it('serves built files, those with a hash in their name for ever', async () => {
    const asset = await fetch(new URL('/assets/root-abc123.js', url));
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const icon = await fetch(new URL('/favicon.svg', url));
    expect(icon.headers.get('cache-control')).toBe('public, max-age=3600');
  });

  it('reads no file outside the build', async () => {
    for (const path of [
      '/assets/../../etc/passwd',
      '/assets/%2e%2e/%2e%2e/etc/passwd',
      '/assets/..%2f..%2fetc%2fpasswd',
    ]) {
      expect((await rawGet(path)).body).toBe('a page');
    }
  });

  it('says so, with the request id, when the api does not answer', async () => {
    const lonely = createWebServer({
      publicUrl: url,
      apiInternalUrl: new URL('http://127.0.0.1:1'),
      trustedProxies: [],
      files: await openStaticFiles(folder),
      pages: (_request, response) => response.end('a page'),
      metrics: createWebMetrics('test'),
      metricsToken: null,
      log: pino({ level: 'silent' }),
    });
    const address = await listen(lonely);
    const reply = await fetch(new URL('/v1/me', address), { headers: { 'x-request-id': 'test-request-2' } });
    expect(reply.status).toBe(502);
    expect(await reply.json()).toMatchObject({ code: 'api_unreachable', requestId: 'test-request-2', errors: [] });
    lonely.closeAllConnections();
    lonely.close();
  });
});

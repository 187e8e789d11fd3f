import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { serveTemporalUi, type TemporalUi } from './temporal-ui.ts';

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

/** A server that says who it is and what it was asked. */
const startNamed = async (name: string): Promise<string> => {
  const server: Server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
    incoming.on('end', () => {
      const { method, url, headers } = incoming;
      outgoing.writeHead(201, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] });
      outgoing.end(JSON.stringify({ name, method, url, cookie: headers.cookie, origin: headers.origin, body }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({ stop: () => server.close() });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const serve = async (uiUrl?: string): Promise<TemporalUi> => {
  const ui = await serveTemporalUi({
    host: '127.0.0.1',
    port: 0,
    uiUrl: uiUrl ?? (await startNamed('ui')),
    apiUrl: await startNamed('api'),
  });
  open.unshift(ui);
  return ui;
};

/** Asks under another name than the one in the address. */
const askAs = async (url: string, host: string, method = 'GET') => {
  const sent = request(url, { method, headers: { host } });
  sent.end();
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  reply.resume();
  return { status: reply.statusCode, location: reply.headers.location };
};

it('asks the codec of the api with the session of the browser, and the UI for everything else', async () => {
  const { url } = await serve();
  const headers = { cookie: 'session=x', origin: url, 'content-type': 'application/json' };
  const decoded = await fetch(`${url}/codec/decode?x=1`, { method: 'POST', headers, body: '{"payloads":[]}' });
  expect(await decoded.json()).toEqual({
    name: 'api',
    method: 'POST',
    url: '/codec/decode?x=1',
    cookie: 'session=x',
    origin: url,
    body: '{"payloads":[]}',
  });
  const page = await fetch(`${url}/namespaces/everwave/workflows`);
  expect([page.status, page.headers.getSetCookie()]).toEqual([201, ['a=1', 'b=2']]);
  expect(await page.json()).toMatchObject({ name: 'ui', method: 'GET', url: '/namespaces/everwave/workflows' });
  expect(await (await fetch(`${url}/codec-of-mine`)).json()).toMatchObject({ name: 'ui' });
});

it('leads whoever comes under another name to its own, where their session is valid', async () => {
  const { url } = await serve();
  const { port } = new URL(url);
  expect(await askAs(`${url}/namespaces`, `localhost:${port}`)).toEqual({
    status: 307,
    location: `${url}/namespaces`,
  });
  expect(await askAs(`${url}/codec/decode`, `rebound.example:${port}`, 'POST')).toMatchObject({ status: 421 });
});

it('says what does not answer', async () => {
  const ui = await startNamed('gone');
  await open.pop()?.stop();
  const { url } = await serve(ui);
  const reply = await fetch(url);
  expect(reply.status).toBe(502);
  expect(await reply.text()).toContain(`Nothing answers at ${ui}`);
});

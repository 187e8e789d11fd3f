import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webhookFlow } from '../testing/graphs.ts';
import { type Call, createTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
let server: ServerType;
let port: number;
let viewerKey: string;
let flowId: string;
let admin: Call;

beforeAll(async () => {
  api = await createTestApi({ limits: { anonymousPerMinute: 100_000 } });
  admin = await (await api.createOrg()).as('admin');
  viewerKey = (await admin('POST /v1/api-keys', { name: 'Looks on', role: 'viewer' })).body.key;
  flowId = (await admin('POST /v1/flows', { name: 'Orders', graph: webhookFlow() })).body.id;
  server = createAdaptorServer({ fetch: api.app.fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.close();
  await api.close();
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends the path as it is written: `fetch` would tidy it first. */
const send = async ({ method, path, headers = {} }: Asked): Promise<number> => {
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  sent.end();
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  reply.resume();
  await once(reply, 'end');
  return reply.statusCode ?? 0;
};

const last = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const parent = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** The same route, written as those write it who hope that the check and the router read it differently. */
const spellings: Readonly<Record<string, (asked: Asked) => Asked>> = {
  'as it is': (asked) => asked,
  'upper case': (asked) => ({ ...asked, path: asked.path.toUpperCase() }),
  'an upper-case version': (asked) => ({ ...asked, path: asked.path.replace('/v1', '/V1') }),
  'a capital': (asked) => ({ ...asked, path: asked.path.replace('/flows', '/Flows') }),
  'a slash in front': (asked) => ({ ...asked, path: `/${asked.path}` }),
  'a double slash inside': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1//') }),
  'a triple slash': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1///') }),
  'a slash behind': (asked) => ({ ...asked, path: `${asked.path}/` }),
  'two slashes behind': (asked) => ({ ...asked, path: `${asked.path}//` }),
  'a dot segment': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1/./') }),
  'an encoded dot segment': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1/%2e/') }),
  'a way up and back': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/healthz/../v1/') }),
  'an encoded way up and back': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/healthz/%2e%2e/v1/') }),
  'a half encoded way up': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/healthz/.%2e/v1/') }),
  'a way up out of nothing': (asked) => ({ ...asked, path: `/..${asked.path}` }),
  'a twice encoded way up': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/healthz/%252e%252e/v1/') }),
  'an encoded slash': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1%2f') }),
  'a twice encoded slash': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1%252f') }),
  'a back slash': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1\\') }),
  'an encoded back slash': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1%5c') }),
  'an encoded letter': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/%761/') }),
  'an encoded last part': (asked) => ({
    ...asked,
    path: `${parent(asked.path)}/${last(asked.path).replaceAll(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`)}`,
  }),
  'a long encoding': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1%c0%af') }),
  'a semicolon': (asked) => ({ ...asked, path: `${asked.path};` }),
  'a parameter of the path': (asked) => ({ ...asked, path: `${asked.path};a=b` }),
  'a parameter inside the path': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/v1;x=healthz/') }),
  'a way up behind a semicolon': (asked) => ({ ...asked, path: asked.path.replace('/v1/', '/healthz/..;/v1/') }),
  'an open suffix': (asked) => ({ ...asked, path: `${asked.path}/healthz` }),
  'an open suffix as a file': (asked) => ({ ...asked, path: `${asked.path}.js` }),
  'a suffix of JSON': (asked) => ({ ...asked, path: `${asked.path}.json` }),
  'an open prefix': (asked) => ({ ...asked, path: `/docs${asked.path}` }),
  'an open query': (asked) => ({ ...asked, path: `${asked.path}?path=/healthz` }),
  'an open fragment': (asked) => ({ ...asked, path: `${asked.path}#/healthz` }),
  'an encoded question mark': (asked) => ({ ...asked, path: `${asked.path}%3f/healthz` }),
  'an encoded NUL': (asked) => ({ ...asked, path: `${asked.path}%00` }),
  'an encoded NUL and an open suffix': (asked) => ({ ...asked, path: `${asked.path}%00.js` }),
  'an encoded space': (asked) => ({ ...asked, path: `${asked.path}%20` }),
  'an encoded line end': (asked) => ({ ...asked, path: `${asked.path}%0d%0a` }),
  'an encoded tab in front': (asked) => ({ ...asked, path: `/%09${asked.path}` }),
  'a whole address': (asked) => ({ ...asked, path: `http://127.0.0.1:3000${asked.path}` }),
  'a whole address of somebody else': (asked) => ({ ...asked, path: `http://healthz${asked.path}` }),
  'the method of a head': (asked) => ({ ...asked, method: 'HEAD' }),
  'another method': (asked) => ({ ...asked, method: 'PUT' }),
  'a method of its own': (asked) => ({ ...asked, method: 'PROPFIND' }),
  'a method that looks on, with another in a header': (asked) => ({
    ...asked,
    method: 'GET',
    headers: { 'x-http-method-override': asked.method },
  }),
  'another method in three headers': (asked) => ({
    ...asked,
    method: 'POST',
    headers: {
      'x-http-method': asked.method,
      'x-http-method-override': asked.method,
      'x-method-override': asked.method,
    },
  }),
  'another method in the query': (asked) => ({
    ...asked,
    method: 'POST',
    path: `${asked.path}?_method=${asked.method}`,
  }),
  'another address in headers': (asked) => ({
    ...asked,
    headers: { 'x-original-url': '/healthz', 'x-rewrite-url': '/healthz', 'x-forwarded-uri': '/healthz' },
  }),
  'an open address with this one in headers': (asked) => ({
    method: asked.method,
    path: '/nowhere',
    headers: { 'x-original-url': asked.path, 'x-rewrite-url': asked.path },
  }),
};

/** Ways that only somebody with more than a viewer's role may go. */
const guarded = (): readonly Asked[] => [
  { method: 'POST', path: `/v1/flows/${flowId}/archive` },
  { method: 'GET', path: '/v1/api-keys' },
  { method: 'POST', path: '/v1/api-keys' },
  { method: 'DELETE', path: `/v1/connections/conn_${'0'.repeat(32)}` },
  { method: 'POST', path: '/codec/decode' },
  { method: 'POST', path: '/auth/revoke-other-sessions' },
];

it('knows at least 40 spellings', () => {
  expect(Object.keys(spellings).length).toBeGreaterThanOrEqual(40);
});

describe.each(Object.entries(spellings))('a guarded route with %s', (_name, spell) => {
  it('lets nobody in who is not signed in', async () => {
    for (const way of guarded()) {
      const asked = spell(way);
      expect([400, 401, 404, 405], `${asked.method} ${asked.path}`).toContain(await send(asked));
    }
  });

  it('lets nobody in whose role lacks the permission', async () => {
    for (const way of guarded()) {
      const asked = spell(way);
      const headers = { ...asked.headers, authorization: `Bearer ${viewerKey}` };
      expect([400, 401, 403, 404, 405], `${asked.method} ${asked.path}`).toContain(await send({ ...asked, headers }));
    }
  });
});

it('was there to be found: an admin goes the plain ways, and the flow was archived by nobody', async () => {
  expect((await admin('GET /v1/api-keys')).status).toBe(200);
  expect((await admin(`GET /v1/flows/${flowId}`)).body.status).not.toBe('archived');
  expect((await admin(`POST /v1/flows/${flowId}/archive`)).status).toBe(200);
});

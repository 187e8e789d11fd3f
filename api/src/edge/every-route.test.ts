import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeTable } from '../app.ts';
import { makeOneOfEverything } from '../testing/one-of-everything.ts';
import { openSession } from '../testing/open-session.ts';
import { ask } from '../testing/security-matrix/ask.ts';
import { createTestApi, type TestApi, type TestOrg, webUrl } from '../testing/test-api.ts';
import { newApiKey } from '../auth/api-keys.ts';
import { tables, withSystem } from '@everwave/schema/db';
import { webhookFlow } from '../testing/graphs.ts';

let api: TestApi;
let org: TestOrg;
let cookie: string;
let key: string;

beforeAll(async () => {
  api = await createTestApi({ limits: { anonymousPerMinute: 1e6, callsPerMinute: 1e6, orgCallsPerMinute: 1e6 } });
  org = await api.createOrg();
  const { userId } = await org.addPerson('owner');
  ({ cookie } = await openSession(api, userId, org.orgId));
  const { key: made, ...stored } = newApiKey();
  key = made;
  await withSystem(api.db, (tx) =>
    tx.insert(tables.apiKeys).values({
      ...stored,
      id: 'key-of-every-route',
      name: 'Every route',
      orgId: org.orgId,
      role: 'admin',
    }),
  );
});
afterAll(() => api.close());

const routes = routeTable.entries.map(({ method, path, access }) => ({
  method: method === 'ALL' ? 'POST' : method,
  path: path.replaceAll(/:\w+(\{[^}]*\})?/g, 'x'),
  access,
}));
const changing = routes.filter(({ method, path }) => method !== 'GET' && !path.startsWith('/hooks/'));

describe('every answer of every route', () => {
  const expected = {
    'x-content-type-options': /^nosniff$/,
    'x-frame-options': /^DENY$/,
    'content-security-policy': /default-src 'none'.*frame-ancestors 'none'/,
    'referrer-policy': /^no-referrer$/,
    'strict-transport-security': /^max-age=31536000; includeSubDomains$/,
    'cross-origin-opener-policy': /^same-origin$/,
    'cross-origin-resource-policy': /^same-site$/,
    'cache-control': /^(no-store|public, max-age=31536000, immutable)$/,
    'x-request-id': /^[\w-]{8,}$/,
  };

  it('carries the security headers: as it is asked, by another method, and where nothing is', async () => {
    let answers = 0;
    for (const { method, path } of routes) {
      for (const asked of [
        { method, path },
        { method: 'PROPFIND', path },
        { method, path: `${path}/nothing/here` },
      ]) {
        const { headers, status } = await api.app.request(asked.path, { method: asked.method });
        answers += 1;
        for (const [name, value] of Object.entries(expected)) {
          expect(headers.get(name), `${name} of ${asked.method} ${asked.path} (${status})`).toMatch(value);
        }
        expect(headers.get('x-powered-by')).toBeNull();
        expect(headers.get('server')).toBeNull();
      }
    }
    expect(answers).toBe(3 * routes.length);
  });

  it('is closed to a body that is too large, before it is read', async () => {
    for (const { method, path } of changing) {
      const headers = { 'content-length': '99999999', 'content-type': 'application/json', origin: webUrl };
      const { status } = await api.app.request(path, { method, headers, body: '{}' });
      expect([path, status]).toEqual([path, 413]);
    }
  });

  it('is closed to JSON that is nested without end', async () => {
    const body = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    for (const { method, path } of changing) {
      const headers = { 'content-type': 'application/json', origin: webUrl, authorization: `Bearer ${key}` };
      // Of another route a key is no session: it is stopped before its body is looked at.
      const { status } = await api.app.request(path, {
        method,
        headers: path.startsWith('/auth/') ? { ...headers, cookie } : headers,
        body,
      });
      expect([400, 413], `${method} ${path}`).toContain(status);
    }
  });
});

describe("another site's page", () => {
  const foreign = [
    'https://evil.example',
    'http://evil.example:3000',
    'null',
    `${webUrl}.evil.example`,
    'http://127.0.0.1:3000@evil.example',
    'http://evil.example/127.0.0.1:3000',
    'http://127.0.0.1:3001',
    'http://127.0.0.1',
    'http://127.0.0.1:30000',
    'http://localhost:3000',
    'http://[::1]:3000',
    'https://127.0.0.1:3000',
    'HTTP://127.0.0.1:3000/',
    'file://',
    'moz-extension://0f1e2d3c',
  ];

  it('of 15 origins is given leave by no route', async () => {
    expect(foreign).toHaveLength(15);
    for (const origin of foreign) {
      for (const { method, path } of routes) {
        const { headers } = await api.app.request(path, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': method,
            'access-control-request-headers': 'authorization',
          },
        });
        expect(headers.get('access-control-allow-origin'), `${origin} at ${method} ${path}`).toBeNull();
      }
      const read = await api.app.request('/v1/me', { headers: { origin, cookie } });
      expect(read.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('changes nothing with the session of a person, at any route that changes something', async () => {
    expect(changing.length).toBeGreaterThan(50);
    for (const { method, path } of changing) {
      for (const origin of ['https://evil.example', 'null', `${webUrl}.evil.example`, undefined]) {
        const headers = { cookie, 'content-type': 'application/json', ...(origin !== undefined && { origin }) };
        const { status, code } = await ask(api.app, { method, path, headers, body: {} });
        expect([method, path, origin, status, code]).toEqual([method, path, origin, 403, 'origin_refused']);
      }
    }
  });

  it('holds no event stream', async () => {
    const streams = ['/v1/runs/events'];
    for (const path of streams) {
      for (const origin of foreign) {
        const { status, code } = await ask(api.app, { method: 'GET', path, headers: { cookie, origin } });
        expect([origin, status, code]).toEqual([origin, 403, 'origin_refused']);
      }
      for (const headers of [{ cookie, origin: webUrl }, { cookie }, { authorization: `Bearer ${key}` }]) {
        expect((await ask(api.app, { method: 'GET', path, headers })).status).toBe(200);
      }
    }
  });
});

describe('a link that the api makes', () => {
  const claims: readonly Readonly<Record<string, string>>[] = [
    { host: 'evil.example' },
    { host: 'evil.example:3000' },
    { host: '127.0.0.1:3000@evil.example' },
    { origin: 'https://evil.example' },
    { referer: 'https://evil.example/setup' },
    { 'x-forwarded-host': 'evil.example' },
    { 'x-forwarded-host': 'evil.example, 127.0.0.1' },
    { 'x-forwarded-proto': 'https', 'x-forwarded-port': '444' },
    { 'x-forwarded-server': 'evil.example', 'x-host': 'evil.example' },
    { forwarded: 'for=1.2.3.4;host=evil.example;proto=https' },
    { 'x-original-url': 'https://evil.example/', 'x-rewrite-url': 'https://evil.example/' },
    { 'x-forwarded-prefix': '/evil', 'x-forwarded-for': '127.0.0.1', host: 'evil.example' },
  ];

  it('is the same whatever 12 requests say of where they were sent', async () => {
    expect(claims).toHaveLength(12);
    const ids = await makeOneOfEverything(api, org, 'Linked');
    const admin = await org.as('admin');
    const flowId = (await admin('POST /v1/flows', { name: 'Hooked', graph: webhookFlow() })).body.id;
    await admin(`POST /v1/flows/${flowId}/publish`);
    const hook = new URL((await admin(`GET /v1/flows/${flowId}`)).body.triggers[0].url).pathname;
    const asked = [
      { method: 'GET', path: `/v1/flows/${flowId}` },
      { method: 'GET', path: `/v1/runs/${ids['runId']}` },
      { method: 'POST', path: `/v1/flows/${flowId}/runs`, body: {} },
      { method: 'POST', path: hook, body: { key: 'a' } },
      { method: 'POST', path: `/v1/approvals/${ids['approvalId']}/links`, body: { recipient: 'owner@example.org' } },
    ];
    let links = 0;
    for (const claim of claims) {
      for (const { method, path, body } of asked) {
        const { text, status } = await ask(api.app, {
          method,
          path,
          body,
          headers: { authorization: `Bearer ${key}`, ...claim },
        });
        expect(status, `${method} ${path}`).toBeLessThan(500);
        const found = text.match(/https?:\/\/[^"\\]+/g) ?? [];
        links += found.length;
        for (const link of found) {
          expect(link).toMatch(/^http:\/\/127\.0\.0\.1:(3000|3001|8233)\//);
          expect(link).not.toContain('evil');
        }
      }
    }
    expect(links).toBeGreaterThanOrEqual(5 * claims.length);
  });
});

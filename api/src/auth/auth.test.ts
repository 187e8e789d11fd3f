import { getTableColumns, type Table } from 'drizzle-orm';
import { getAuthTables } from 'better-auth/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { callWith, createTestApi, type TestApi } from '../testing/test-api.ts';
import { authTables, createAuth, sessionCookie } from './create-auth.ts';
import { hashPassword, verifyPassword } from './password.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

describe('our tables', () => {
  it('have every column that better-auth and its plugins read and write, and no other that must be set', () => {
    const expected = getAuthTables(api.dependencies.auth.options);
    const ours: Readonly<Record<string, Table>> = authTables;
    for (const [model, { fields }] of Object.entries(expected)) {
      const table = ours[model];
      expect(table, `a table for ${model}`).toBeDefined();
      const columns = getTableColumns(table ?? authTables.user);
      const missing = Object.keys(fields).filter((field) => !(field in columns));
      expect({ model, missing }).toEqual({ model, missing: [] });
      const extra = Object.entries(columns).filter(
        ([name, column]) => name !== 'id' && !(name in fields) && column.notNull && !column.hasDefault,
      );
      expect({ model, extra: extra.map(([name]) => name) }).toEqual({ model, extra: [] });
    }
    expect(Object.keys(expected).toSorted()).toEqual(Object.keys(authTables).toSorted());
  });

  it('leave the cookie cache off and telemetry silent', () => {
    const { session, telemetry, emailAndPassword } = api.dependencies.auth.options;
    expect(session.cookieCache.enabled).toBe(false);
    expect(telemetry.enabled).toBe(false);
    expect(emailAndPassword.disableSignUp).toBe(true);
  });
});

describe('known faults of the library', () => {
  it('CVE-2025-61928: makes nobody a key who only names a person', async () => {
    const org = await api.createOrg();
    const { userId } = await org.addPerson('owner');
    const body = JSON.stringify({ userId, name: 'stolen', organizationId: org.orgId });
    const request = new Request('http://127.0.0.1:3000/auth/api-key/create', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://127.0.0.1:3000' },
      body,
    });
    const answer = await api.dependencies.auth.handler(request).catch((error: { statusCode?: number }) => error);
    expect(answer instanceof Response ? answer.status : answer.statusCode).toBeGreaterThanOrEqual(400);
    expect((await callWith(api.app)('POST /auth/api-key/create', JSON.parse(body))).status).toBe(404);
  });

  it('GHSA-xg6x-h9c9-2m83: has no cache in a cookie that would stand in for the second factor', async () => {
    const { email, password } = await (await api.createOrg()).addPerson('owner');
    const call = callWith(api.app, { origin: 'http://127.0.0.1:3000' });
    const { headers } = await call('POST /auth/sign-in/email', { email, password, rememberMe: true });
    const names = headers.getSetCookie().map((cookie) => cookie.split('=')[0]);
    expect(names).toEqual([sessionCookie.http]);
  });
});

describe('the session cookie', () => {
  const cookiesAt = async (webUrl: string) => {
    const { db, log } = api.dependencies;
    const auth = createAuth({ db, webUrl, secret: 'x'.repeat(64), log });
    const app = createApp({ ...api.dependencies, auth, settings: { ...api.dependencies.settings, webUrl } });
    const { email, password } = await (await api.createOrg()).addPerson('owner');
    const call = callWith(app, { origin: webUrl });
    const { headers, status } = await call('POST /auth/sign-in/email', { email, password });
    expect(status).toBe(200);
    return { app, set: headers.getSetCookie() };
  };
  const site = 'https://flows.example.com';

  it('belongs to this host alone over HTTPS, and fits what browsers ask of such a name', async () => {
    const { app, set } = await cookiesAt(site);
    expect(set.length).toBeGreaterThan(0);
    for (const cookie of set) {
      expect(cookie).toMatch(/^__Host-everwave\./);
      expect(cookie).toMatch(/; Secure(;|$)/i);
      expect(cookie).toMatch(/; Path=\/(;|$)/i);
      expect(cookie).toMatch(/; HttpOnly(;|$)/i);
      expect(cookie).toMatch(/; SameSite=Lax(;|$)/i);
      expect(cookie).not.toMatch(/; Domain=/i);
    }
    expect(set.some((cookie) => cookie.startsWith(`${sessionCookie.https}=`))).toBe(true);
    const cookie = set.map((each) => each.split(';')[0]).join('; ');
    expect((await callWith(app, { cookie })('GET /v1/me')).status).toBe(200);
    const forged = await callWith(app, { cookie, origin: 'https://evil.example' })('POST /v1/flows', {
      name: 'Forged',
    });
    expect([forged.status, forged.body.code]).toEqual([403, 'origin_refused']);
    expect((await callWith(app, { cookie, origin: site })('POST /v1/flows', { name: 'Mine' })).status).toBe(201);
    const out = await callWith(app, { cookie, origin: site })('POST /auth/sign-out', {});
    expect(out.headers.getSetCookie().some((each) => each.startsWith(`${sessionCookie.https}=;`))).toBe(true);
    expect((await callWith(app, { cookie })('GET /v1/me')).status).toBe(401);
  });

  it('is not taken from a name that another host could have set', async () => {
    const { app, set } = await cookiesAt(site);
    for (const name of ['everwave', '__Secure-everwave', '__Secure-__Host-everwave']) {
      const cookie = set.map((each) => each.split(';')[0]?.replace('__Host-everwave', name)).join('; ');
      expect([name, (await callWith(app, { cookie })('GET /v1/me')).status]).toEqual([name, 401]);
    }
  });

  it('has the plain name over plain http, where browsers refuse the other', async () => {
    const { set } = await cookiesAt('http://127.0.0.1:3000');
    expect(set.length).toBeGreaterThan(0);
    for (const cookie of set) {
      expect(cookie).toMatch(/^everwave\./);
      expect(cookie).not.toMatch(/; Secure/i);
    }
  });
});

describe('a password', () => {
  it('is verified against its own hash only', async () => {
    const hash = await hashPassword('correct horse battery');
    expect(await verifyPassword({ hash, password: 'correct horse battery' })).toBe(true);
    expect(await verifyPassword({ hash, password: 'correct horse batterz' })).toBe(false);
    expect(await hashPassword('correct horse battery')).not.toBe(hash);
  });

  it('means the same in either Unicode spelling', async () => {
    const hash = await hashPassword('naïve café owner');
    expect(await verifyPassword({ hash, password: 'naïve café owner'.normalize('NFD') })).toBe(true);
  });

  it.each(['', 'plain', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=19456,t=2,p=1$$'])(
    'never fits the foreign hash “%s”',
    async (hash) => {
      expect(await verifyPassword({ hash, password: '' })).toBe(false);
    },
  );
});

import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { toId } from '@everwave/schema/ids';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../app.ts';
import { hashToken } from '../../auth/secret-token.ts';
import {
  type Call,
  callWith,
  cookieOf,
  createTestApi,
  type TestApi,
  type TestOrg,
  webUrl,
} from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let browser: Call;
beforeAll(async () => {
  api = await createTestApi({ limits: { anonymousPerMinute: 10_000 } });
  browser = callWith(api.app, { origin: webUrl });
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
});

const signedIn = async (role: 'owner' | 'viewer' = 'owner') => {
  const person = await org.addPerson(role);
  const credentials = { email: person.email, password: person.password, rememberMe: true };
  const answer = await browser('POST /auth/sign-in/email', credentials);
  const cookie = cookieOf(answer);
  return { ...person, answer, cookie, call: callWith(api.app, { cookie, origin: webUrl }) };
};

describe('signing in', () => {
  it('opens a session that says who one is, and signing out ends it at once', async () => {
    const { answer, call, email } = await signedIn();
    expect(answer.status).toBe(200);
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^everwave\.session_token=/);
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
    const me = await call('GET /v1/me');
    expect(me.body).toMatchObject({ user: { email }, apiKey: null, org: { id: org.orgId }, role: 'owner' });
    expect(me.body.permissions).toContain('org:manage');
    expect((await call('POST /auth/sign-out', {})).status).toBe(200);
    expect((await call('GET /v1/me')).status).toBe(401);
  });

  it('ends at once when the person leaves the org', async () => {
    const { userId, call } = await signedIn('viewer');
    expect((await call('GET /v1/me')).status).toBe(200);
    await withSystem(api.db, (tx) => tx.delete(tables.members).where(eq(tables.members.userId, userId)));
    const answer = await call('GET /v1/me');
    expect([answer.status, answer.body.code]).toEqual([403, 'no_organisation']);
  });

  it('answers a wrong password and an unknown address alike', async () => {
    const { email } = await org.addPerson('owner');
    const wrong = await browser(
      'POST /auth/sign-in/email',
      { email, password: 'not the password' },
      { 'x-request-id': 'same-request' },
    );
    const unknown = await browser(
      'POST /auth/sign-in/email',
      { email: 'nobody@example.org', password: 'not the password' },
      { 'x-request-id': 'same-request' },
    );
    expect([wrong.status, wrong.body.code]).toEqual([401, 'sign_in_refused']);
    expect(unknown.text).toBe(wrong.text);
  });

  it('is slowed down for one address, wherever it is tried from', async () => {
    const { email, password } = await org.addPerson('owner');
    const answers = [];
    for (let attempt = 0; attempt < 11; attempt += 1) {
      answers.push(
        await browser('POST /auth/sign-in/email', { email: email.toUpperCase(), password: `guess number ${attempt}` }),
      );
    }
    expect(answers.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(401));
    expect(answers[10]?.status).toBe(429);
    expect(Number(answers[10]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await browser('POST /auth/sign-in/email', { email, password })).status).toBe(429);
  });

  it.each([
    'POST /auth/sign-up/email',
    'POST /auth/api-key/create',
    'POST /auth/api-key/verify',
    'POST /auth/organization/create',
    'POST /auth/organization/invite-member',
    'POST /auth/organization/update-member-role',
    'POST /auth/update-user',
    'POST /auth/delete-user',
    'POST /auth/forget-password',
    'POST /auth/reset-password',
    'GET /auth/ok',
    'GET /auth/error',
  ])('leaves %s closed', async (operation) => {
    const { call, userId } = await signedIn();
    for (const caller of [browser, call]) {
      const body = operation.startsWith('GET')
        ? undefined
        : { name: 'k', userId, email: 'x@example.org', password: 'a long password' };
      expect((await caller(operation, body)).status).toBe(404);
    }
  });

  it('does not believe forwarded headers about where it is', async () => {
    const variants = ['x-forwarded-host', 'x-forwarded-proto', 'x-original-url', 'forwarded', 'host'];
    const { email, password } = await org.addPerson('owner');
    for (const name of variants) {
      const answer = await browser('POST /auth/sign-in/email', { email, password }, { [name]: 'evil.example' });
      expect(answer.text).not.toContain('evil.example');
      expect(answer.headers.get('set-cookie')).not.toContain('evil.example');
    }
  });
});

describe('a session cookie', () => {
  it.each([undefined, 'https://evil.example', 'null', 'http://127.0.0.1:3000.evil.example'])(
    'cannot change anything from the origin %s',
    async (origin) => {
      const { cookie } = await signedIn();
      const headers = { cookie, ...(origin ? { origin } : {}) };
      const answer = await callWith(api.app)('POST /v1/flows', { name: 'Forged' }, headers);
      expect([answer.status, answer.body.code]).toEqual([403, 'origin_refused']);
    },
  );

  it('may read from anywhere it is sent, and change from the web app', async () => {
    const { cookie, call } = await signedIn();
    expect((await callWith(api.app)('GET /v1/me', undefined, { cookie })).status).toBe(200);
    expect((await call('POST /v1/flows', { name: 'Mine' })).status).toBe(201);
  });

  it('does not stand in for a key that is wrong', async () => {
    const { call } = await signedIn();
    const answer = await call('GET /v1/me', undefined, { authorization: 'Bearer ew_wrong' });
    expect([answer.status, answer.body.code]).toEqual([401, 'api_key_invalid']);
  });

  it('is refused when it was forged', async () => {
    const { cookie } = await signedIn();
    // Other cookies stand beside the session's.
    const forged = cookie.replace(/(session_token=[^;]*?).{6}(?=;|$)/, '$1AAAA%3D');
    expect(forged).not.toBe(cookie);
    expect((await callWith(api.app)('GET /v1/me', undefined, { cookie: forged })).status).toBe(401);
  });
});

describe('the set-up link', () => {
  const owner = { name: 'Ada', email: 'Ada@Example.org', password: 'twelve chars or more' };
  const newLink = async (expiresIn = 60_000): Promise<string> => {
    const token = randomBytes(24).toString('base64url');
    const row = {
      tokenHash: hashToken(token),
      organizationId: org.orgId,
      expiresAt: new Date(Date.now() + expiresIn),
    };
    await withSystem(api.db, (tx) => tx.insert(tables.setupTokens).values(row));
    return token;
  };
  const uniqueOwner = () => ({ ...owner, email: `Ada-${randomBytes(4).toString('hex')}@Example.org` });

  it('makes an owner once, signed in at once, and every other link stops to work', async () => {
    const [token, other] = [await newLink(), await newLink()];
    const details = uniqueOwner();
    const answer = await browser('POST /v1/setup', { ...details, token });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ orgId: org.orgId, role: 'owner' });
    const me = await callWith(api.app)('GET /v1/me', undefined, { cookie: cookieOf(answer) });
    expect(me.body).toMatchObject({ user: { name: 'Ada', email: details.email.toLowerCase() }, role: 'owner' });
    for (const used of [token, other]) {
      const again = await browser('POST /v1/setup', { ...uniqueOwner(), token: used });
      expect([again.status, again.body.code]).toEqual([404, 'setup_link_invalid']);
    }
    expect((await browser('GET /v1/setup')).body).toEqual({ needed: false });
    const signIn = await browser('POST /auth/sign-in/email', {
      email: details.email.toLowerCase(),
      password: details.password,
    });
    expect(signIn.status).toBe(200);
  });

  it('makes one owner when two people use it at the same moment', async () => {
    const token = await newLink();
    const answers = await Promise.all([1, 2, 3, 4].map(() => browser('POST /v1/setup', { ...uniqueOwner(), token })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 404, 404, 404]);
    const rows = await withSystem(api.db, (tx) =>
      tx.select().from(tables.members).where(eq(tables.members.organizationId, org.orgId)),
    );
    expect(rows).toHaveLength(1);
  });

  it('makes one owner when several links are used at the same moment', async () => {
    const tokens = await Promise.all([1, 2, 3, 4].map(() => newLink()));
    const answers = await Promise.all(tokens.map((token) => browser('POST /v1/setup', { ...uniqueOwner(), token })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 404, 404, 404]);
  });

  it('makes no second owner, although a start printed another link just afterwards', async () => {
    expect((await browser('POST /v1/setup', { ...uniqueOwner(), token: await newLink() })).status).toBe(201);
    const late = await browser('POST /v1/setup', { ...uniqueOwner(), token: await newLink() });
    expect([late.status, late.body.code]).toEqual([404, 'setup_link_invalid']);
  });

  it.each([
    ['is wrong', 'x'.repeat(32), {}, 404],
    ['is empty', '', {}, 400],
    ['is null', null, {}, 400],
    ['is a list', [], {}, 400],
    ['comes with a short password', 'link', { password: 'eleven char' }, 400],
    ['comes with no address', 'link', { email: 'ada' }, 400],
  ])('is refused when it %s', async (_what, token, change, status) => {
    const valid = await newLink();
    const answer = await browser('POST /v1/setup', {
      ...uniqueOwner(),
      ...change,
      token: token === 'link' ? valid : token,
    });
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('eleven char');
  });

  it('is refused when it is too old', async () => {
    const token = await newLink(-1);
    expect((await browser('POST /v1/setup', { ...uniqueOwner(), token })).status).toBe(404);
  });

  it('stores the password as Argon2id and the token as a hash', async () => {
    const token = await newLink();
    const details = uniqueOwner();
    await browser('POST /v1/setup', { ...details, token });
    const [accounts, tokens] = await withSystem(api.db, async (tx) => [
      await tx.select().from(tables.accounts),
      await tx.select().from(tables.setupTokens),
    ]);
    const hashes = accounts.map(({ password }) => password ?? '');
    expect(hashes.every((hash) => hash.startsWith('$argon2id$v=19$m=19456,t=2,p=1$'))).toBe(true);
    expect(JSON.stringify([accounts, tokens])).not.toContain(details.password);
    expect(JSON.stringify([accounts, tokens])).not.toContain(token);
  });
});

describe('API keys', () => {
  it('are shown once, work at once, are listed by their beginning, and stop when revoked', async () => {
    const admin = await org.as('admin');
    const created = await admin('POST /v1/api-keys', { name: 'CI', role: 'operator' });
    expect(created.status).toBe(201);
    const { key, id, start } = created.body;
    expect(key).toMatch(/^ew_[A-Za-z0-9_-]{43}$/);
    const withKey = callWith(api.app, { 'x-api-key': key });
    expect((await withKey('GET /v1/me')).body).toMatchObject({
      user: null,
      apiKey: { id, name: 'CI' },
      org: { id: org.orgId },
      role: 'operator',
    });
    const list = await admin('GET /v1/api-keys');
    expect(list.body.items.find((item: { id: string }) => item.id === id)).toMatchObject({
      name: 'CI',
      start,
      role: 'operator',
    });
    expect(list.text).not.toContain(key);
    const stored = await withSystem(api.db, (tx) => tx.select().from(tables.apiKeys).where(eq(tables.apiKeys.id, id)));
    expect(JSON.stringify(stored)).not.toContain(key);
    expect((await admin(`DELETE /v1/api-keys/${id}`)).status).toBe(204);
    expect((await withKey('GET /v1/me')).status).toBe(401);
    expect((await admin(`DELETE /v1/api-keys/${id}`)).body.code).toBe('api_key_not_found');
  });

  it('expire', async () => {
    const { key, id } = (await (await org.as('admin'))('POST /v1/api-keys', { name: 'Short', expiresInDays: 1 })).body;
    const withKey = callWith(api.app, { 'x-api-key': key });
    expect((await withKey('GET /v1/me')).status).toBe(200);
    const past = { expiresAt: new Date(Date.now() - 1) };
    await withSystem(api.db, (tx) => tx.update(tables.apiKeys).set(past).where(eq(tables.apiKeys.id, id)));
    expect((await withKey('GET /v1/me')).status).toBe(401);
  });

  it('never get more rights than their maker, nor the owner’s', async () => {
    const admin = await org.as('admin');
    expect((await admin('POST /v1/api-keys', { name: 'Boss', role: 'owner' })).status).toBe(400);
    expect((await (await org.as('developer'))('POST /v1/api-keys', { name: 'Mine' })).status).toBe(403);
  });

  it('whose rights were tampered with have none', async () => {
    const { key, id } = (await (await org.as('admin'))('POST /v1/api-keys', { name: 'K' })).body;
    for (const role of [null, '', 'god', toId('role', randomUUIDv7())]) {
      await withSystem(api.db, (tx) => tx.update(tables.apiKeys).set({ role }).where(eq(tables.apiKeys.id, id)));
      expect((await callWith(api.app, { 'x-api-key': key })('GET /v1/me')).status).toBe(401);
    }
  });
});

describe('a caller', () => {
  it('who asks too often is told how long to wait', async () => {
    const limits = { ...api.dependencies.settings.limits, callsPerMinute: 3 };
    const app = createApp({ ...api.dependencies, settings: { ...api.dependencies.settings, limits } });
    const { key } = (await (await org.as('admin'))('POST /v1/api-keys', { name: 'K' })).body;
    const call = callWith(app, { 'x-api-key': key });
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await call('GET /v1/me')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('who tries wrong keys is slowed down like anyone unknown', async () => {
    const limits = { ...api.dependencies.settings.limits, anonymousPerMinute: 3 };
    const app = createApp({ ...api.dependencies, settings: { ...api.dependencies.settings, limits } });
    const answers = [];
    for (let count = 0; count < 4; count += 1) {
      answers.push(await callWith(app, { 'x-api-key': `ew_${count}` })('GET /v1/me'));
    }
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

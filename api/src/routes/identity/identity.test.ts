import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { tables, withSystem } from '@everwave/schema/db';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashToken } from '../../auth/secret-token.ts';
import { resetOwner } from '../../services/identity/reset-owner.ts';
import { codeOfStep, stepAt } from '../../auth/totp.ts';
import {
  type Answer,
  type Call,
  callWith,
  cookieOf,
  createTestApi,
  type TestApi,
  type TestOrg,
  webUrl,
} from '../../testing/test-api.ts';

const derived = vi.hoisted(() => ({ count: 0 }));
vi.mock(import('node:crypto'), async (original) => {
  const crypto = await original();
  const argon2 = ((...given: Parameters<typeof crypto.argon2>) => {
    derived.count += 1;
    return crypto.argon2(...given);
  }) as typeof crypto.argon2;
  return { ...crypto, argon2 };
});

let api: TestApi;
let org: TestOrg;
let browser: Call;
beforeAll(async () => {
  api = await createTestApi({ isSignUpOpen: true, limits: { anonymousPerMinute: 100_000, signInsPerMinute: 1_000 } });
  browser = callWith(api.app, { origin: webUrl });
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
});

const password = 'correct horse battery';
const withCookie = (answer: Answer): Call => callWith(api.app, { origin: webUrl, cookie: cookieOf(answer) });
const signIn = async (email: string, secret = password, rememberMe = false) =>
  browser('POST /auth/sign-in/email', { email, password: secret, rememberMe });
const aPerson = async (role: 'owner' | 'admin' | 'viewer' = 'owner') => {
  const person = await org.addPerson(role);
  const answer = await signIn(person.email);
  return { ...person, answer, call: withCookie(answer) };
};
const code = ({ status, body }: Answer) => [status, body.code];
/** What the audit log of the org says was done, the oldest first. */
const actionsOf = async (): Promise<readonly string[]> => {
  const { body } = await (await org.as('admin'))('GET /v1/audit');
  return body.items.map(({ action }: { readonly action: string }) => action).toReversed();
};
const link = /https?:\/\/\S+token=\S+/;
/** Mails without a link, that something was changed, may arrive after it. */
const linkIn = async (to: string): Promise<string> => {
  const mails = (await api.mails()).filter((each) => each.to.includes(to));
  const found = mails.map(({ text }) => link.exec(text)?.[0]).findLast((each) => each !== undefined);
  return found ?? `no link to ${to}: ${mails.map(({ subject }) => subject).join(', ')}`;
};
const tokenIn = async (to: string): Promise<string> => new URL(await linkIn(to)).searchParams.get('token') ?? '';
const lastMailTo = async (to: string) => (await api.mails()).findLast((each) => each.to.includes(to));

const enrol = async (call: Call) => {
  // The code of the step before is taken now, and not after the next step has begun.
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 5_000) await sleep(left + 10);
  const { body } = await call('POST /v1/me/second-factor', { password });
  const now = stepAt(Date.now());
  const confirmed = await call('POST /v1/me/second-factor/confirm', { code: codeOfStep(body.secret, now - 1) });
  expect(confirmed.status).toBe(200);
  return { secret: body.secret as string, codes: confirmed.body.codes as string[] };
};

describe('signing in', () => {
  it('verifies as many hashes for an address that nobody has as for a wrong password', async () => {
    const { email } = await org.addPerson('viewer');
    await signIn('warm-up@example.org');
    const countOf = async (address: string) => {
      const before = derived.count;
      expect(code(await signIn(address, 'not the password'))).toEqual([401, 'sign_in_refused']);
      return derived.count - before;
    };
    expect([await countOf(email), await countOf('nobody@example.org')]).toEqual([1, 1]);
  });

  it('outlives the browser only when asked to', async () => {
    const { email } = await org.addPerson('viewer');
    const [session = ''] = (await signIn(email, password, false)).headers.getSetCookie();
    expect(session).toMatch(/^everwave\.session_token=/);
    expect(session).not.toMatch(/Max-Age|Expires/i);
    const remembered = await signIn(email, password, true);
    const kept = remembered.headers.getSetCookie().find((each) => each.startsWith('everwave.session_token='));
    expect(Number(/Max-Age=(\d+)/i.exec(kept ?? '')?.[1])).toBe(90 * 24 * 60 * 60);
    expect((await withCookie(remembered)('GET /v1/me')).status).toBe(200);
  });

  it('gives a new session each time and ends the one that this browser had', async () => {
    const { email, answer, call } = await aPerson();
    const again = await call('POST /auth/sign-in/email', { email, password });
    expect(cookieOf(again)).not.toBe(cookieOf(answer));
    expect((await call('GET /v1/me')).status).toBe(401);
    expect((await withCookie(again)('GET /v1/me')).status).toBe(200);
  });

  it('ends when nobody uses it, and after ninety days in any case', async () => {
    const { userId, call } = await aPerson();
    const set = (change: object) =>
      withSystem(api.db, (tx) => tx.update(tables.sessions).set(change).where(eq(tables.sessions.userId, userId)));
    await set({ createdAt: sql`now() - interval '91 days'`, expiresAt: sql`now() + interval '1 day'` });
    expect((await call('GET /v1/me')).status).toBe(401);
    await set({ createdAt: sql`now()` });
    expect((await call('GET /v1/me')).status).toBe(200);
    await set({ expiresAt: sql`now() - interval '1 second'` });
    expect((await call('GET /v1/me')).status).toBe(401);
  });
});

describe('a link that the terminal of the machine made', () => {
  const order = async (email: string, removesSecondFactor: boolean): Promise<string> => {
    const made = await resetOwner(api.dependencies, { email, removesSecondFactor }, 'req-terminal');
    if (!made.ok) throw new Error(made.refusal);
    return new URL(made.link).searchParams.get('token') ?? '';
  };
  const complete = (token: string, secret: string) =>
    browser('POST /v1/password-resets/complete', { token, password: secret });

  it.each([false, true])('sets the password once, and ends sessions; second factor too: %s', async (removes) => {
    const { email, userId, call } = await aPerson();
    await enrol(call);
    const token = await order(email, removes);
    expect(await linkIn(email)).toContain(token);
    expect((await call('GET /v1/me')).status).toBe(200);
    expect((await complete(token, 'a fresh one to keep')).status).toBe(204);
    expect(code(await complete(token, 'another fresh one'))).toEqual([404, 'link_invalid']);
    expect((await call('GET /v1/me')).status).toBe(401);
    const { status, body } = await signIn(email, 'a fresh one to keep');
    expect([status, body.status]).toEqual([200, removes ? 'signed_in' : 'second_factor_needed']);
    const trail = await withSystem(api.db, (tx) =>
      tx
        .select({ action: tables.auditEvents.action, by: tables.auditEvents.actorKind })
        .from(tables.auditEvents)
        .where(eq(tables.auditEvents.targetId, userId)),
    );
    expect(trail).toContainEqual({ action: 'user.owner_reset_ordered', by: 'system' });
    expect(trail).toContainEqual({ action: 'user.password_reset', by: 'user' });
    expect(trail.some(({ action }) => action === 'user.second_factor_removed')).toBe(removes);
  });

  it('replaces the one before, and works for half an hour', async () => {
    const { email } = await aPerson();
    const first = await order(email, true);
    const second = await order(email, false);
    expect(code(await complete(first, 'a fresh one to keep'))).toEqual([404, 'link_invalid']);
    await withSystem(api.db, (tx) =>
      tx
        .update(tables.oneTimeLinks)
        .set({ expiresAt: sql`${tables.oneTimeLinks.expiresAt} - interval '31 minutes'` })
        .where(eq(tables.oneTimeLinks.tokenHash, hashToken(second))),
    );
    expect(code(await complete(second, 'a fresh one to keep'))).toEqual([404, 'link_invalid']);
  });
});

describe('a forgotten password', () => {
  const ask = (email: string, headers: Record<string, string> = {}) =>
    callWith(api.app)('POST /v1/password-resets', { email }, headers);

  it('is replaced by a link that works once and ends every session', async () => {
    const { email, call } = await aPerson();
    expect((await ask(email.toUpperCase())).status).toBe(204);
    const token = await tokenIn(email);
    const weak = await browser('POST /v1/password-resets/complete', { token, password: 'passwordpassword' });
    expect(code(weak)).toEqual([422, 'password_refused']);
    const change = { token, password: 'a fresh one to keep' };
    expect((await browser('POST /v1/password-resets/complete', change)).status).toBe(204);
    expect((await call('GET /v1/me')).status).toBe(401);
    expect(code(await browser('POST /v1/password-resets/complete', change))).toEqual([404, 'link_invalid']);
    expect(code(await signIn(email))).toEqual([401, 'sign_in_refused']);
    expect((await signIn(email, change.password)).status).toBe(200);
    expect((await lastMailTo(email))?.subject).toBe('Your password was changed');
  });

  it('answers alike, and mails nothing, for an address that nobody has', async () => {
    const before = (await api.mails()).length;
    const unknown = await ask('nobody-here@example.org');
    expect([unknown.status, unknown.text]).toEqual([204, '']);
    expect(await api.mails()).toHaveLength(before);
  });

  it('does the same work for an address that nobody has: the same rows, sealed alike, and no hash', async () => {
    const { email } = await org.addPerson('viewer');
    const traces = async (address: string) => {
      const hashes = derived.count;
      expect((await ask(address)).status).toBe(204);
      return withSystem(api.db, async (tx) => ({
        links: await tx.$count(tables.oneTimeLinks, eq(tables.oneTimeLinks.email, address)),
        mails: await tx.$count(tables.mails, eq(tables.mails.recipient, address)),
        sealed: (await tx.select().from(tables.mails).where(eq(tables.mails.recipient, address)))[0]?.contentSealed
          ?.length,
        hashes: derived.count - hashes,
      }));
    };
    const [known, unknown] = [await traces(email), await traces('nobody-at-all@example.org')];
    expect(known).toEqual({ links: 1, mails: 1, sealed: expect.any(Number), hashes: 0 });
    expect(unknown).toEqual(known);
    await api.mails();
    const rows = await withSystem(api.db, (tx) =>
      tx.select().from(tables.mails).where(eq(tables.mails.recipient, 'nobody-at-all@example.org')),
    );
    expect(rows).toMatchObject([{ attempts: 0 }]);
  });

  it.each([
    ['host', 'evil.example'],
    ['origin', webUrl],
    ['x-forwarded-host', 'evil.example'],
    ['x-forwarded-proto', 'gopher'],
    ['x-forwarded-port', '1'],
    ['x-forwarded-server', 'evil.example'],
    ['x-forwarded-for', '203.0.113.9'],
    ['x-original-host', 'evil.example'],
    ['x-original-url', 'https://evil.example/'],
    ['x-rewrite-url', 'https://evil.example/'],
    ['forwarded', 'host=evil.example;proto=https'],
    ['referer', 'https://evil.example/'],
  ])('has a link of the configured address, whatever %s says', async (name, value) => {
    const { email } = await org.addPerson('viewer');
    expect((await ask(email, { [name]: value })).status).toBe(204);
    const mail = await lastMailTo(email);
    expect(await linkIn(email)).toMatch(new RegExp(`^${webUrl}/reset-password\\?token=[\\w-]{43}$`));
    expect(mail?.text + (mail?.html ?? '')).not.toContain('evil.example');
  });

  it.each([[null], [''], [[]], [['a']], [{}], [0], [true], ['x'.repeat(201)]])(
    'is not replaced by the token %j',
    async (token) => {
      const answer = await browser('POST /v1/password-resets/complete', { token, password: 'a fresh one to keep' });
      expect(code(answer)).toEqual([400, 'invalid_request']);
    },
  );

  it('is not replaced by a link that is too old, that another one followed, or that is for something else', async () => {
    const { email, userId } = await org.addPerson('viewer');
    await ask(email);
    const earlier = await tokenIn(email);
    await ask(email);
    const token = await tokenIn(email);
    const use = (given: string) =>
      browser('POST /v1/password-resets/complete', { token: given, password: 'a fresh one to keep' });
    expect(code(await use(earlier))).toEqual([404, 'link_invalid']);
    expect(code(await browser('POST /v1/email-verifications/complete', { token }))).toEqual([404, 'link_invalid']);
    await withSystem(api.db, (tx) =>
      tx
        .update(tables.oneTimeLinks)
        .set({ expiresAt: sql`now() - interval '1 second'` })
        .where(eq(tables.oneTimeLinks.userId, userId)),
    );
    expect(code(await use(token))).toEqual([404, 'link_invalid']);
  });

  it('is replaced once by twenty that use the link at the same moment', async () => {
    const { email } = await org.addPerson('viewer');
    await ask(email);
    const token = await tokenIn(email);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        browser('POST /v1/password-resets/complete', { token, password: `a fresh one to keep ${index}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  });
});

describe('signing up', () => {
  const aNewcomer = () => ({ name: 'Grace', email: `grace-${randomBytes(4).toString('hex')}@example.org`, password });

  it('is closed unless the settings open it', async () => {
    const closed = await createTestApi();
    const ask = callWith(closed.app, { origin: webUrl });
    expect((await ask('GET /v1/sign-up')).body).toEqual({ isOpen: false });
    expect(code(await ask('POST /v1/sign-up', aNewcomer()))).toEqual([403, 'sign_up_closed']);
    await closed.close();
  });

  it('makes an account that can do nothing until the mailed link is opened', async () => {
    await org.addPerson('owner');
    const person = aNewcomer();
    expect((await browser('POST /v1/sign-up', person)).status).toBe(204);
    const call = withCookie(await signIn(person.email));
    expect((await call('GET /v1/me')).body).toMatchObject({ mustFirst: 'verify_email', role: 'owner' });
    expect(code(await call('GET /v1/flows'))).toEqual([403, 'email_not_verified']);
    expect(code(await call('POST /v1/flows', { name: 'Mine' }))).toEqual([403, 'email_not_verified']);
    expect((await call('POST /v1/email-verifications')).status).toBe(204);
    const token = await tokenIn(person.email);
    const verified = await browser('POST /v1/email-verifications/complete', { token });
    expect([verified.status, verified.body]).toEqual([200, { email: person.email }]);
    expect((await call('GET /v1/flows')).status).toBe(200);
    expect(code(await browser('POST /v1/email-verifications/complete', { token }))).toEqual([404, 'link_invalid']);
    expect(code(await call('POST /v1/email-verifications'))).toEqual([409, 'email_already_verified']);
  });

  it('makes no second account for an address, and tells nobody but its owner', async () => {
    await org.addPerson('owner');
    const person = aNewcomer();
    const first = await browser('POST /v1/sign-up', person);
    const second = await browser('POST /v1/sign-up', { ...person, name: 'Mallory', password: 'another of my own' });
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    // Two that are sent at once arrive in any order.
    const subjects = (await api.mails()).filter(({ to }) => to.includes(person.email)).map(({ subject }) => subject);
    expect(subjects).toContain('You have an Everwave account already');
    expect(code(await signIn(person.email, 'another of my own'))).toEqual([401, 'sign_in_refused']);
    expect((await signIn(person.email)).status).toBe(200);
  });

  it.each(['password1234', 'qwertyuiop123', 'aaaaaaaaaaaaaaa', 'abcdefghijklmn', 'Everwave2026!!', 'grace0000000'])(
    'refuses the password %s, and says which field',
    async (weak) => {
      const answer = await browser('POST /v1/sign-up', { ...aNewcomer(), password: weak });
      expect(code(answer)).toEqual([422, 'password_refused']);
      expect(answer.body.errors).toMatchObject([{ path: 'password' }]);
    },
  );
});

describe('one’s own account', () => {
  it('has a name and a user name of one’s own', async () => {
    const { call } = await aPerson();
    const other = await aPerson('viewer');
    const username = `ada-${randomBytes(3).toString('hex')}`;
    expect((await call('PATCH /v1/me', { name: 'Ada L.', username: username.toUpperCase() })).status).toBe(204);
    expect((await call('GET /v1/me')).body.user).toMatchObject({ name: 'Ada L.', username });
    const taken = await other.call('PATCH /v1/me', { username });
    expect([...code(taken), taken.body.errors[0].path]).toEqual([409, 'name_taken', 'username']);
    expect((await other.call('PATCH /v1/me', { username: '-x' })).status).toBe(400);
    expect((await other.call('PATCH /v1/me', { role: 'owner' })).status).toBe(400);
  });

  it('lists its sessions, and ends one at once', async () => {
    const { email, call } = await aPerson();
    const other = withCookie(await signIn(email));
    const { items } = (await call('GET /v1/me/sessions')).body;
    expect(items).toHaveLength(2);
    const { id } = items.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent);
    const stranger = await aPerson('viewer');
    expect(code(await stranger.call(`DELETE /v1/me/sessions/${id}`))).toEqual([404, 'session_not_found']);
    expect((await other('GET /v1/me')).status).toBe(200);
    expect((await call(`DELETE /v1/me/sessions/${id}`)).status).toBe(204);
    expect((await other('GET /v1/me')).status).toBe(401);
    const third = withCookie(await signIn(email));
    expect((await call('DELETE /v1/me/sessions')).status).toBe(204);
    expect([(await third('GET /v1/me')).status, (await call('GET /v1/me')).status]).toEqual([401, 200]);
  });

  it('changes its password for whoever knows it, and ends the other sessions', async () => {
    const { email, call } = await aPerson();
    const other = withCookie(await signIn(email));
    const newPassword = 'a fresh one to keep';
    const wrong = await call('POST /v1/me/password', { currentPassword: 'not the password', newPassword });
    expect([...code(wrong), wrong.body.errors[0].path]).toEqual([403, 'password_wrong', 'currentPassword']);
    expect((await call('POST /v1/me/password', { currentPassword: password, newPassword })).status).toBe(204);
    expect([(await other('GET /v1/me')).status, (await call('GET /v1/me')).status]).toEqual([401, 200]);
  });

  it('changes its address once the link to the new one is opened, and tells the old one', async () => {
    const { email, call } = await aPerson();
    const address = `new-${randomBytes(4).toString('hex')}@example.org`;
    expect(code(await call('POST /v1/me/email', { email: address, password: 'wrong one given' }))[1]).toBe(
      'password_wrong',
    );
    expect((await call('POST /v1/me/email', { email: address, password })).status).toBe(204);
    expect((await call('GET /v1/me')).body.user.email).toBe(email);
    await browser('POST /v1/email-verifications/complete', { token: await tokenIn(address) });
    expect((await call('GET /v1/me')).body.user.email).toBe(address);
    expect((await lastMailTo(email))?.subject).toContain('was changed');
  });

  it('is no business of an API key', async () => {
    const key = await org.as('owner');
    expect(code(await key('GET /v1/me/sessions'))).toEqual([403, 'not_allowed']);
  });
});

describe('the second factor', () => {
  const challengesFor = async (userId: string, count: number) => {
    const tokens = Array.from({ length: count }, () => randomBytes(32).toString('base64url'));
    const expiresAt = new Date(Date.now() + 60_000);
    const rows = tokens.map((token) => ({ tokenHash: hashToken(token), userId, rememberMe: false, expiresAt }));
    await withSystem(api.db, (tx) => tx.insert(tables.signInChallenges).values(rows));
    return tokens;
  };

  it('is asked after the password, and takes a code once', async () => {
    const { email, call } = await aPerson();
    const { secret } = await enrol(call);
    const first = await signIn(email);
    expect(first.body).toMatchObject({ status: 'second_factor_needed' });
    expect(first.headers.getSetCookie()).toEqual([]);
    const { challenge } = first.body;
    const given = codeOfStep(secret, stepAt(Date.now()));
    const wrong = await browser('POST /v1/sign-in/second-factor', { challenge, code: '000000' });
    expect(code(wrong)).toEqual([401, 'code_refused']);
    expect((await actionsOf()).at(-1)).toBe('sign_in.second_factor_failed');
    const second = await browser('POST /v1/sign-in/second-factor', { challenge, code: given });
    expect(second.body).toEqual({ status: 'signed_in', challenge: null });
    expect((await withCookie(second)('GET /v1/me')).status).toBe(200);
    expect((await actionsOf()).at(-1)).toBe('session.opened');
    const again = (await signIn(email)).body.challenge;
    expect(code(await browser('POST /v1/sign-in/second-factor', { challenge: again, code: given }))).toEqual([
      401,
      'code_refused',
    ]);
  });

  it('takes one code that comes a hundred times at once exactly once', async () => {
    const { userId, call } = await aPerson();
    const { secret } = await enrol(call);
    const challenges = await challengesFor(userId, 100);
    const given = codeOfStep(secret, stepAt(Date.now()));
    const answers = await Promise.all(
      challenges.map((challenge) => browser('POST /v1/sign-in/second-factor', { challenge, code: given })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(99);
  });

  it('takes each recovery code once, also at the same moment, and stores none of them', async () => {
    const { userId, call } = await aPerson();
    const { codes } = await enrol(call);
    expect(new Set(codes).size).toBe(10);
    const stored = await withSystem(api.db, (tx) =>
      tx.select().from(tables.recoveryCodes).where(eq(tables.recoveryCodes.userId, userId)),
    );
    expect(JSON.stringify(stored)).not.toContain(codes[0]);
    const challenges = await challengesFor(userId, 20);
    const answers = await Promise.all(
      challenges.map((challenge) =>
        browser('POST /v1/sign-in/second-factor', { challenge, code: codes[0]?.toUpperCase().replaceAll('-', ' ') }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await call('GET /v1/me/second-factor')).body).toMatchObject({ isOn: true, recoveryCodesLeft: 9 });
  });

  it('is locked for a while after ten wrong codes, whoever sends them', async () => {
    const { userId, call } = await aPerson();
    const { secret } = await enrol(call);
    const challenges = await challengesFor(userId, 12);
    for (const challenge of challenges.slice(0, 10)) {
      await browser('POST /v1/sign-in/second-factor', { challenge, code: '000000' });
    }
    const right = { challenge: challenges[11], code: codeOfStep(secret, stepAt(Date.now())) };
    const locked = await browser('POST /v1/sign-in/second-factor', right);
    expect(code(locked)).toEqual([429, 'too_many_requests']);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(60);
  });

  it('is set up and removed with the password only, and a reset leaves it', async () => {
    const { email, call } = await aPerson();
    expect(code(await call('POST /v1/me/second-factor', { password: 'wrong one given' }))[1]).toBe('password_wrong');
    await enrol(call);
    expect(code(await call('POST /v1/me/second-factor', { password }))).toEqual([409, 'second_factor_on']);
    await browser('POST /v1/password-resets', { email });
    const fresh = 'a fresh one to keep';
    await browser('POST /v1/password-resets/complete', { token: await tokenIn(email), password: fresh });
    expect((await signIn(email, fresh)).body.status).toBe('second_factor_needed');
    const other = await aPerson();
    await enrol(other.call);
    expect(code(await other.call('POST /v1/me/second-factor/remove', { password: 'wrong one given' }))[1]).toBe(
      'password_wrong',
    );
    expect((await other.call('POST /v1/me/second-factor/remove', { password })).status).toBe(204);
    expect((await signIn(other.email)).body.status).toBe('signed_in');
  });

  it('comes before anything else for owners and admins of an org that requires it, and for nobody else', async () => {
    const [owner, admin, viewer] = [await aPerson('owner'), await aPerson('admin'), await aPerson('viewer')];
    expect(code(await admin.call('PUT /v1/org/sign-in-rules', { requiresSecondFactor: true }))[0]).toBe(403);
    const { secret } = await enrol(owner.call);
    expect(secret).toHaveLength(32);
    expect((await owner.call('PUT /v1/org/sign-in-rules', { requiresSecondFactor: true })).status).toBe(200);
    expect((await owner.call('GET /v1/flows')).status).toBe(200);
    expect((await viewer.call('GET /v1/flows')).status).toBe(200);
    expect(code(await admin.call('GET /v1/flows'))).toEqual([403, 'second_factor_required']);
    expect((await admin.call('GET /v1/me')).body.mustFirst).toBe('enrol_second_factor');
    await enrol(admin.call);
    expect((await admin.call('GET /v1/flows')).status).toBe(200);
  });

  it('is also asked of a role of the org that manages people, as soon as somebody has it', async () => {
    const [owner, person] = [await aPerson('owner'), await aPerson('viewer')];
    await enrol(owner.call);
    await owner.call('PUT /v1/org/sign-in-rules', { requiresSecondFactor: true });
    const own = { name: 'People', permissions: ['flows:read', 'members:read', 'members:manage'] };
    const role = await owner.call('POST /v1/roles', own);
    expect(role.status).toBe(201);
    expect((await person.call('GET /v1/flows')).status).toBe(200);
    const changed = await owner.call(`PATCH /v1/members/${person.memberId}`, { role: role.body.id });
    expect(changed.status).toBe(200);
    expect(code(await person.call('GET /v1/flows'))).toEqual([403, 'second_factor_required']);
  });
});

describe('tokens for programs', () => {
  const program = () => callWith(api.app);
  const bearer = (token: string) => callWith(api.app, { authorization: `Bearer ${token}` });

  it('act for a person, and are renewed', async () => {
    const { email } = await org.addPerson('viewer');
    const { body } = await program()('POST /v1/tokens', { email, password });
    expect((await bearer(body.accessToken)('GET /v1/me')).body).toMatchObject({ user: { email }, role: 'viewer' });
    const renewed = await program()('POST /v1/tokens/renew', { refreshToken: body.refreshToken });
    expect((await bearer(renewed.body.accessToken)('GET /v1/flows')).status).toBe(200);
    const stored = JSON.stringify(await api.db.select().from(tables.refreshTokens));
    expect(stored).not.toContain(renewed.body.refreshToken);
    await program()('POST /v1/tokens/revoke', { refreshToken: renewed.body.refreshToken });
    expect(await actionsOf()).toEqual(['program.signed_in', 'program.signed_out']);
  });

  it('end with their whole family when a used one is shown again', async () => {
    const { email, userId } = await org.addPerson('viewer');
    const { body } = await program()('POST /v1/tokens', { email, password });
    const renewed = await program()('POST /v1/tokens/renew', { refreshToken: body.refreshToken });
    expect(code(await program()('POST /v1/tokens/renew', { refreshToken: body.refreshToken }))).toEqual([
      401,
      'refresh_refused',
    ]);
    expect(code(await program()('POST /v1/tokens/renew', { refreshToken: renewed.body.refreshToken }))[0]).toBe(401);
    expect(code(await bearer(renewed.body.accessToken)('GET /v1/me'))).toEqual([401, 'access_token_invalid']);
    // One entry, by nobody who is known, however often it comes after that.
    const entries = await withSystem(api.db, (tx) =>
      tx.select().from(tables.auditEvents).where(eq(tables.auditEvents.orgId, org.orgId)),
    );
    expect(entries.filter(({ action }) => action === 'program.token_reused')).toMatchObject([
      { actorKind: 'anonymous', targetKind: 'user', targetId: userId },
    ]);
  });

  it('end when they are revoked, and when the password changes', async () => {
    const { email, call } = await aPerson('viewer');
    const one = (await program()('POST /v1/tokens', { email, password })).body;
    expect((await program()('POST /v1/tokens/revoke', { refreshToken: one.refreshToken })).status).toBe(204);
    expect((await bearer(one.accessToken)('GET /v1/me')).status).toBe(401);
    const other = (await program()('POST /v1/tokens', { email, password })).body;
    await call('POST /v1/me/password', { currentPassword: password, newPassword: 'a fresh one to keep' });
    expect((await bearer(other.accessToken)('GET /v1/me')).status).toBe(401);
  });

  it('are refused when anything about them was changed', async () => {
    const { email, userId } = await org.addPerson('viewer');
    const { accessToken } = (await program()('POST /v1/tokens', { email, password })).body;
    const [head = '', claims = '', signature = ''] = accessToken.split('.');
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const header = decode(head);
    const forged = [
      `${head}.${encode({ ...decode(claims), sub: randomUUIDv7() })}.${signature}`,
      `${encode({ ...header, alg: 'none' })}.${claims}.`,
      `${encode({ ...header, alg: 'HS256' })}.${claims}.${signature}`,
      `${encode({ ...header, typ: 'JWT' })}.${claims}.${signature}`,
      `${encode({ ...header, kid: 'other' })}.${claims}.${signature}`,
      `${head}.${claims}.${signature.slice(0, -4)}AAAA`,
      `${head}.${claims}.`,
      `..`,
      api.dependencies.accessTokens.issue({ userId, familyId: randomUUIDv7() }),
    ];
    for (const token of forged) {
      expect([token, (await bearer(token)('GET /v1/me')).status]).toEqual([token, 401]);
    }
  });
});

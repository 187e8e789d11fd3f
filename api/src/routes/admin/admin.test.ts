import { roles } from '@everwave/schema/api';
import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { and, desc, eq, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSession } from '../../testing/open-session.ts';
import {
  type Call,
  callWith,
  createTestApi,
  signInWith,
  type TestApi,
  type TestOrg,
  type TestPerson,
  webUrl,
} from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let administrator: TestPerson & { readonly call: Call };
beforeAll(async () => {
  api = await createTestApi({
    limits: { anonymousPerMinute: 1e6, callsPerMinute: 1e6, orgCallsPerMinute: 1e6, signInsPerMinute: 1e6 },
  });
});
afterAll(() => api.close());
beforeEach(async () => {
  await withSystem(api.db, (tx) => tx.update(tables.users).set({ isInstanceAdmin: false }));
  org = await api.createOrg();
  administrator = await newAdministrator();
});

const newAdministrator = async () => {
  const person = await org.signIn('viewer');
  await withSystem(api.db, (tx) =>
    tx.update(tables.users).set({ isInstanceAdmin: true }).where(eq(tables.users.id, person.userId)),
  );
  return person;
};

const codeOf = async (answer: ReturnType<Call>): Promise<readonly [number, string | undefined]> => {
  const { status, body } = await answer;
  return [status, body?.code];
};
const at = (userId: string, deed: string): string => `/v1/admin/users/${userId}/${deed}`;
const suspended = [403, 'account_suspended'] as const;

const auditIn = (orgId: string) =>
  withOrg(api.db, orgId, (tx) =>
    tx
      .select()
      .from(tables.auditEvents)
      .where(eq(tables.auditEvents.orgId, orgId))
      .orderBy(desc(tables.auditEvents.id))
      .limit(5),
  );

describe('the accounts of the installation', () => {
  it('are listed for its administrators, with orgs, second factor, last sign-in and state', async () => {
    const other = await api.createOrg('Elsewhere');
    const person = await org.signIn('developer');
    await other.addMember(person.userId, 'owner');
    const now = new Date();
    await withSystem(api.db, (tx) =>
      tx
        .insert(tables.secondFactors)
        .values({ userId: person.userId, secretSealed: new Uint8Array(1), confirmedAt: now }),
    );
    const { body } = await administrator.call(`GET /v1/admin/users?text=${person.email.toUpperCase()}`);
    expect(body).toEqual({
      nextCursor: null,
      items: [
        {
          id: person.userId,
          name: 'The developer',
          email: person.email,
          isEmailVerified: true,
          isInstanceAdministrator: false,
          hasSecondFactor: true,
          lastSignInAt: expect.any(String),
          createdAt: expect.any(String),
          suspendedAt: null,
          orgs: [
            { id: org.orgId, name: 'Acme', role: 'developer', roleName: 'developer' },
            { id: other.orgId, name: 'Elsewhere', role: 'owner', roleName: 'owner' },
          ],
        },
      ],
    });
  });

  it('come page by page, each once, and by their state', async () => {
    for (const role of roles) await org.addPerson(role);
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await administrator.call(`GET /v1/admin/users?limit=3${cursor && `&cursor=${cursor}`}`);
      found.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    const all = await withSystem(api.db, (tx) => tx.$count(tables.users));
    expect([found.length, new Set(found).size]).toEqual([all, all]);
    const { body } = await administrator.call('GET /v1/admin/users?state=administrators');
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([administrator.userId]);
    // A sign that means something to the database finds itself alone.
    expect((await administrator.call('GET /v1/admin/users?text=%25')).body.items).toEqual([]);
  });

  it('are nobody else’s business, not an owner’s and not a key’s, and the try is noted', async () => {
    for (const role of roles) {
      const { call } = await org.signIn(role);
      expect(await codeOf(call('GET /v1/admin/users'))).toEqual([403, 'not_allowed']);
      expect(await codeOf((await org.as(role))('GET /v1/admin/users'))).toEqual([403, 'not_allowed']);
    }
    expect((await auditIn(org.orgId))[0]).toMatchObject({
      action: 'access.refused',
      details: { permission: 'instanceAdministrator' },
    });
  });

  it('are open to an administrator’s program, with an access token', async () => {
    const { email, password } = administrator;
    const { body } = await callWith(api.app)('POST /v1/tokens', { email, password });
    const program = callWith(api.app, { authorization: `Bearer ${body.accessToken}` });
    expect((await program('GET /v1/admin/users')).status).toBe(200);
    expect((await administrator.call('GET /v1/me')).body.isInstanceAdministrator).toBe(true);
  });
});

describe('a suspended account', () => {
  it('is refused everything at once: sign-in, session, tokens, keys they made and streams', async () => {
    const person = await org.signIn('owner');
    const { email, password } = person;
    const anonymous = callWith(api.app, { origin: webUrl });
    const tokens = (await anonymous('POST /v1/tokens', { email, password })).body;
    const { key } = (await person.call('POST /v1/api-keys', { name: 'Mine' })).body;
    const accountId = (await person.call('POST /v1/service-accounts', { name: 'Robot', role: 'viewer' })).body.id;
    const robot = (await person.call('POST /v1/api-keys', { name: 'Of it', serviceAccountId: accountId })).body.key;
    const program = callWith(api.app, { authorization: `Bearer ${tokens.accessToken}` });
    const withKey = callWith(api.app, { authorization: `Bearer ${key}` });
    for (const call of [person.call, program, withKey]) expect((await call('GET /v1/flows')).status).toBe(200);

    const answer = await administrator.call(`POST ${at(person.userId, 'suspend')}`);
    expect([answer.status, answer.body.suspendedAt]).toEqual([200, expect.any(String)]);

    for (const call of [person.call, program, withKey]) {
      expect(await codeOf(call('GET /v1/flows'))).toEqual(suspended);
      expect(await codeOf(call('GET /v1/runs/events'))).toEqual(suspended);
    }
    expect(await codeOf(person.call('GET /v1/me/orgs'))).toEqual(suspended);
    expect(await codeOf(person.call('GET /v1/me/sessions'))).toEqual(suspended);
    expect(await codeOf(person.call('GET /auth/get-session'))).toEqual(suspended);
    expect(await codeOf(anonymous('POST /auth/sign-in/email', { email, password }))).toEqual(suspended);
    expect(await codeOf(anonymous('POST /v1/tokens', { email, password }))).toEqual(suspended);
    expect(await codeOf(anonymous('POST /v1/tokens/renew', { refreshToken: tokens.refreshToken }))).toEqual(suspended);
    // Whoever does not know the password learns nothing.
    const wrong = { email, password: 'another horse battery' };
    expect(await codeOf(anonymous('POST /auth/sign-in/email', wrong))).toEqual([401, 'sign_in_refused']);
    // What is open to all is open to the browser that carries the session.
    expect((await person.call('GET /v1/sign-up')).status).toBe(200);
    expect((await person.call('POST /auth/sign-out')).status).toBe(200);
    // A service account is nobody's own.
    expect((await callWith(api.app, { authorization: `Bearer ${robot}` })('GET /v1/flows')).status).toBe(200);
  });

  it('ends a stream that is open, and a sign-in that waits for its code', async () => {
    const person = await org.signIn('owner');
    const { userId } = person;
    const response = await api.app.request('/v1/runs/events', { headers: await sessionOf(person) });
    expect(response.status).toBe(200);
    const reading = (async () => {
      for await (const _chunk of response.body ?? []);
      return 'ended';
    })();
    await withSystem(api.db, (tx) =>
      tx.insert(tables.signInChallenges).values({
        tokenHash: 'a-hash',
        userId,
        rememberMe: false,
        expiresAt: new Date(Date.now() + 60_000),
      }),
    );
    await administrator.call(`POST ${at(userId, 'suspend')}`);
    expect(await withSystem(api.db, (tx) => tx.$count(tables.signInChallenges))).toBe(0);
    expect(await reading).toBe('ended');
  }, 30_000);

  it('keeps its memberships, and begins anew when it is restored', async () => {
    const person = await org.signIn('owner');
    const { userId, email, password } = person;
    const membersOf = () => withOrg(api.db, org.orgId, (tx) => tx.$count(tables.members));
    const before = await membersOf();
    await administrator.call(`POST ${at(userId, 'suspend')}`);
    await administrator.call(`POST ${at(userId, 'suspend')}`);
    expect(await membersOf()).toBe(before);
    expect((await administrator.call(`POST ${at(userId, 'restore')}`)).body.suspendedAt).toBeNull();
    // The session of before is over.
    expect(await codeOf(person.call('GET /v1/flows'))).toEqual([401, 'not_signed_in']);
    const again = await signInWith(api.app, { email, password });
    expect((await again('GET /v1/flows')).status).toBe(200);
    expect((await auditIn('instance')).slice(0, 2).map(({ action, targetId }) => [action, targetId])).toEqual([
      ['user.restored', userId],
      ['user.suspended', userId],
    ]);
  });

  it('stands in the audit log of the installation and of each of the person’s organisations, of no other', async () => {
    const [other, third] = [await api.createOrg('Other'), await api.createOrg('Third')];
    const person = await org.addPerson('developer');
    await other.addMember(person.userId, 'viewer');
    await administrator.call(`POST ${at(person.userId, 'suspend')}`);
    for (const orgId of ['instance', org.orgId, other.orgId]) {
      expect((await auditIn(orgId))[0]).toMatchObject({
        action: 'user.suspended',
        actorId: administrator.userId,
        targetId: person.userId,
        targetName: 'The developer',
      });
    }
    expect(await auditIn(third.orgId)).toEqual([]);
    const { body } = await administrator.call('GET /v1/admin/audit?limit=1');
    expect(body.items).toMatchObject([{ action: 'user.suspended', actor: { id: administrator.userId } }]);
  });
});

describe('an administrator of the installation', () => {
  it('is made and unmade by another one', async () => {
    const person = await org.signIn('developer');
    expect((await administrator.call(`PUT ${at(person.userId, 'administrator')}`)).body.isInstanceAdministrator).toBe(
      true,
    );
    expect((await person.call('GET /v1/admin/users')).status).toBe(200);
    expect((await administrator.call(`DELETE ${at(person.userId, 'administrator')}`)).status).toBe(200);
    expect(await codeOf(person.call('GET /v1/admin/users'))).toEqual([403, 'not_allowed']);
    expect((await auditIn('instance')).slice(0, 2).map(({ action }) => action)).toEqual([
      'user.administration_taken',
      'user.administration_given',
    ]);
  });

  it('neither suspends nor unmakes themselves', async () => {
    const { call, userId } = administrator;
    expect(await codeOf(call(`POST ${at(userId, 'suspend')}`))).toEqual([409, 'own_account']);
    expect(await codeOf(call(`DELETE ${at(userId, 'administrator')}`))).toEqual([409, 'own_account']);
    expect((await call('GET /v1/admin/users')).status).toBe(200);
  });

  it('is left when two end each other at once', async () => {
    const { users } = tables;
    for (const deeds of [
      ['suspend', 'suspend'],
      ['suspend', 'administrator'],
      ['administrator', 'administrator'],
    ] as const) {
      await withSystem(api.db, (tx) => tx.update(users).set({ isInstanceAdmin: false, suspendedAt: null }));
      const [one, two] = [await newAdministrator(), await newAdministrator()];
      const method = (deed: string): string => (deed === 'suspend' ? 'POST' : 'DELETE');
      const answers = await Promise.all([
        one.call(`${method(deeds[0])} ${at(two.userId, deeds[0])}`),
        two.call(`${method(deeds[1])} ${at(one.userId, deeds[1])}`),
      ]);
      expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 403]);
      const left = await withSystem(api.db, (tx) =>
        tx.$count(users, and(eq(users.isInstanceAdmin, true), isNull(users.suspendedAt))),
      );
      expect(left).toBe(1);
    }
  });

  it('has a link mailed that sets a new password', async () => {
    const person = await org.addPerson('developer');
    expect((await administrator.call(`POST ${at(person.userId, 'reset-link')}`)).status).toBe(204);
    const mail = (await api.mails()).findLast(({ to }) => to.includes(person.email));
    const [, token] = /reset-password\?token=([\w-]+)/.exec(JSON.stringify(mail)) ?? [];
    const password = 'a wholly other horse';
    expect(
      (await callWith(api.app, { origin: webUrl })('POST /v1/password-resets/complete', { token, password })).status,
    ).toBe(204);
    await signInWith(api.app, { email: person.email, password });
    expect((await auditIn('instance'))[0]).toMatchObject({ action: 'user.reset_link_sent', targetId: person.userId });
  });

  it('is told of an account that is not there', async () => {
    for (const deed of [
      'POST suspend',
      'POST restore',
      'POST reset-link',
      'PUT administrator',
      'DELETE administrator',
    ]) {
      const [method = '', name = ''] = deed.split(' ');
      expect(await codeOf(administrator.call(`${method} ${at('nobody', name)}`))).toEqual([404, 'account_not_found']);
    }
  });
});

const sessionOf = async ({ userId }: TestPerson): Promise<Record<string, string>> => {
  const { cookie } = await openSession(api, userId, org.orgId);
  return { cookie, origin: webUrl };
};

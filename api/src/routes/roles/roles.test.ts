import { type Permission, rolePermissions, roles } from '@everwave/schema/api';
import { tables, withSystem } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let admin: Call;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  admin = await org.as('admin');
});

const withKey = (key: string): Call => callWith(api.app, { 'x-api-key': key });

const makeRole = async (name: string, permissions: readonly Permission[]): Promise<string> => {
  const answer = await admin('POST /v1/roles', { name, permissions });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.body.id;
};
const makeKey = async (body: object): Promise<Call> => {
  const answer = await admin('POST /v1/api-keys', { name: 'A key', ...body });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return withKey(answer.body.key);
};

describe('the roles of an org', () => {
  it('are the built-in ones and its own, each with what it may do and who has it', async () => {
    const id = await makeRole('Night shift', ['runs:read', 'flows:read', 'runs:read']);
    await makeKey({ role: id });
    const { items } = (await (await org.as('viewer'))('GET /v1/roles')).body;
    expect(items.slice(0, roles.length)).toMatchObject(
      roles.map((role) => ({ id: role, isBuiltIn: true, permissions: [...rolePermissions[role]] })),
    );
    const own = { id, name: 'Night shift', isBuiltIn: false, permissions: ['flows:read', 'runs:read'] };
    expect(items.slice(roles.length)).toMatchObject([{ ...own, usedBy: { people: 0, apiKeys: 1 } }]);
    expect((await admin(`GET /v1/roles/${id}`)).body).toMatchObject(own);
  });

  it('have names that nothing else is called', async () => {
    await makeRole('Night shift', ['flows:read']);
    const twice = await admin('POST /v1/roles', { name: 'night SHIFT', permissions: [] });
    expect([twice.status, twice.body.code]).toEqual([409, 'name_taken']);
    for (const name of ['admin', 'Owner']) {
      expect((await admin('POST /v1/roles', { name, permissions: [] })).body.code).toBe('invalid_request');
    }
    expect((await (await api.createOrg()).as('admin').then((other) => other('GET /v1/roles'))).text).not.toContain(
      'Night',
    );
  });

  it('hold permissions that exist', async () => {
    const answer = await admin('POST /v1/roles', { name: 'Odd', permissions: ['flows:read', 'moon:land'] });
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, 'permissions[1]']);
  });
});

describe('a role that is edited', () => {
  it('counts at once for whoever has it', async () => {
    const id = await makeRole('Reader', ['flows:read']);
    const reader = await makeKey({ role: id });
    expect((await reader('GET /v1/flows')).status).toBe(200);
    expect((await reader('GET /v1/runs')).status).toBe(403);
    const changed = await admin(`PATCH /v1/roles/${id}`, { permissions: ['runs:read'] });
    expect(changed.body).toMatchObject({ name: 'Reader', permissions: ['runs:read'] });
    expect((await reader('GET /v1/flows')).body).toMatchObject({
      code: 'not_allowed',
      detail: 'This needs the permission flows:read; your role Reader does not have it.',
    });
    expect((await reader('GET /v1/runs')).status).toBe(200);
  });

  it('counts at once for a person too, and is told to the page', async () => {
    const id = await makeRole('Reader', ['flows:read']);
    const { email, password, userId } = await org.addPerson('viewer');
    await withSystem(api.db, (tx) =>
      tx
        .update(tables.members)
        .set({ role: id })
        .where(and(eq(tables.members.userId, userId), eq(tables.members.organizationId, org.orgId))),
    );
    const cookies = (
      await callWith(api.app, { origin: 'http://127.0.0.1:3000' })('POST /auth/sign-in/email', { email, password })
    ).headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
    const person = callWith(api.app, { cookie: cookies });
    expect((await person('GET /v1/me')).body).toMatchObject({ roleName: 'Reader', permissions: ['flows:read'] });
    await admin(`PATCH /v1/roles/${id}`, { permissions: ['flows:read', 'runs:read'] });
    expect((await person('GET /v1/me')).body.permissions).toEqual(['flows:read', 'runs:read']);
  });

  it('is noted with what came and what went', async () => {
    const id = await makeRole('Reader', ['flows:read']);
    await admin(`PATCH /v1/roles/${id}`, { permissions: ['runs:read'] });
    const rows = await withSystem(api.db, (tx) =>
      tx.select().from(tables.auditEvents).where(eq(tables.auditEvents.targetId, id)),
    );
    expect(rows.map(({ action }) => action)).toEqual(['role.created', 'role.changed']);
    expect(rows[1]?.changes).toEqual({ permissions: { before: ['flows:read'], after: ['runs:read'] } });
  });
});

describe('a role that is deleted', () => {
  it('was nobody’s; else it says whose it is', async () => {
    const id = await makeRole('Reader', ['flows:read']);
    const { body: key } = await admin('POST /v1/api-keys', { name: 'Uses it', role: id });
    const account = await admin('POST /v1/service-accounts', { name: 'Uses it too', role: id });
    const refused = await admin(`DELETE /v1/roles/${id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'role_in_use']);
    expect(refused.body.detail).toBe(
      'The role Reader is still held: 1 service account, 1 API key. Give them another role first.',
    );
    await admin(`DELETE /v1/api-keys/${key.id}`);
    await admin(`DELETE /v1/service-accounts/${account.body.id}`);
    expect((await admin(`DELETE /v1/roles/${id}`)).status).toBe(204);
    expect((await admin(`GET /v1/roles/${id}`)).body.code).toBe('role_not_found');
  });
});

describe('nobody', () => {
  it('writes, cuts down or deletes a role that holds more than they do', async () => {
    const refused = await admin('POST /v1/roles', { name: 'Boss', permissions: ['org:manage'] });
    expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([
      403,
      'not_allowed',
      'permissions',
    ]);
    const owner = await org.as('owner');
    const { id } = (await owner('POST /v1/roles', { name: 'Deputy', permissions: ['org:manage', 'flows:read'] })).body;
    expect((await admin(`PATCH /v1/roles/${id}`, { permissions: ['flows:read'] })).body.code).toBe('not_allowed');
    expect((await admin(`DELETE /v1/roles/${id}`)).body.code).toBe('not_allowed');
    for (const path of ['api-keys', 'service-accounts']) {
      expect((await admin(`POST /v1/${path}`, { name: 'X', role: id })).body.code).toBe('not_allowed');
    }
  });

  it('has a role of another org', async () => {
    const other = await api.createOrg();
    const id = (await (await other.as('admin'))('POST /v1/roles', { name: 'Theirs', permissions: [] })).body.id;
    for (const path of ['api-keys', 'service-accounts']) {
      expect((await admin(`POST /v1/${path}`, { name: 'X', role: id })).body.code).toBe('role_not_found');
    }
    for (const operation of [`GET /v1/roles/${id}`, `DELETE /v1/roles/${id}`]) {
      expect((await admin(operation)).body.code).toBe('role_not_found');
    }
  });
});

describe('a key that is cut to scopes', () => {
  it('may do these alone', async () => {
    const reader = await makeKey({ role: 'developer', scopes: ['flows:read'] });
    expect((await reader('GET /v1/flows')).status).toBe(200);
    expect((await reader('POST /v1/flows', { name: 'Mine' })).body.code).toBe('not_allowed');
    expect((await reader('GET /v1/me')).body).toMatchObject({ role: 'developer', permissions: ['flows:read'] });
  });

  it('is refused scopes that its role does not hold, and no scope at all', async () => {
    const wide = await admin('POST /v1/api-keys', { name: 'K', role: 'viewer', scopes: ['flows:write'] });
    expect([wide.status, wide.body.errors]).toEqual([
      400,
      [{ path: 'scopes', message: 'The role viewer does not hold flows:write.' }],
    ]);
    expect((await admin('POST /v1/api-keys', { name: 'K', role: 'viewer', scopes: [] })).status).toBe(400);
  });
});

describe('a service account', () => {
  const make = async (role = 'operator') =>
    (await admin('POST /v1/service-accounts', { name: 'Nightly import', role })).body;

  it('acts under its own name with each of its keys', async () => {
    const account = await make();
    const call = await makeKey({ serviceAccountId: account.id });
    expect((await call('GET /v1/me')).body).toMatchObject({
      user: null,
      serviceAccount: { id: account.id, name: 'Nightly import' },
      apiKey: { name: 'A key' },
      role: 'operator',
    });
    expect((await admin('GET /v1/service-accounts')).body.items).toMatchObject([{ id: account.id, apiKeys: 1 }]);
    expect((await admin('GET /v1/api-keys')).body.items[0]).toMatchObject({
      role: 'operator',
      serviceAccount: { name: 'Nightly import' },
    });
  });

  it('stops with all its keys when it is disabled, and goes on when it is enabled', async () => {
    const account = await make();
    const calls = [
      await makeKey({ serviceAccountId: account.id }),
      await makeKey({ serviceAccountId: account.id, scopes: ['flows:read'] }),
    ];
    const statuses = () => Promise.all(calls.map(async (call) => (await call('GET /v1/flows')).status));
    expect(await statuses()).toEqual([200, 200]);
    await admin(`PATCH /v1/service-accounts/${account.id}`, { isDisabled: true });
    expect(await statuses()).toEqual([401, 401]);
    await admin(`PATCH /v1/service-accounts/${account.id}`, { isDisabled: false });
    expect(await statuses()).toEqual([200, 200]);
    expect((await admin(`DELETE /v1/service-accounts/${account.id}`)).status).toBe(204);
    expect(await statuses()).toEqual([401, 401]);
  });

  it('has the role that it has now', async () => {
    const account = await make();
    const call = await makeKey({ serviceAccountId: account.id });
    expect((await call('POST /v1/flows', { name: 'Mine' })).status).toBe(403);
    await admin(`PATCH /v1/service-accounts/${account.id}`, { role: 'developer' });
    expect((await call('POST /v1/flows', { name: 'Mine' })).status).toBe(201);
  });

  it('has one role and a name of its own', async () => {
    const account = await make();
    expect((await admin('POST /v1/service-accounts', { name: 'NIGHTLY import', role: 'viewer' })).body.code).toBe(
      'name_taken',
    );
    const both = await admin('POST /v1/api-keys', { name: 'K', serviceAccountId: account.id, role: 'viewer' });
    expect([both.status, both.body.errors[0].path]).toEqual([400, 'role']);
    const theirs = await (await api.createOrg()).as('admin');
    expect((await theirs('POST /v1/api-keys', { name: 'K', serviceAccountId: account.id })).body.code).toBe(
      'service_account_not_found',
    );
  });
});

import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { desc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOneOfEverything } from '../../testing/one-of-everything.ts';
import { createSnapshot } from '../../testing/security-matrix/snapshot.ts';
import { type Call, createTestApi, signInWith, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  const many = { anonymousPerMinute: 1e6, callsPerMinute: 1e6, orgCallsPerMinute: 1e6, signInsPerMinute: 1e6 };
  api = await createTestApi({ limits: many });
});
afterAll(() => api.close());

const codeOf = async (answer: ReturnType<Call>): Promise<readonly [number, string | undefined]> => {
  const { status, body } = await answer;
  return [status, body?.code];
};
const password = 'correct horse battery';
const setRuns = (orgId: string, status: 'running' | 'cancelled') =>
  withOrg(api.db, orgId, (tx) => tx.update(tables.runs).set({ status }).where(eq(tables.runs.orgId, orgId)));
const auditIn = (orgId: string) =>
  withOrg(api.db, orgId, (tx) => tx.select().from(tables.auditEvents).orderBy(desc(tables.auditEvents.id)).limit(10));
const instanceAdministrator = async (org: TestOrg) => {
  const person = await org.signIn('viewer');
  await withSystem(api.db, (tx) =>
    tx.update(tables.users).set({ isInstanceAdmin: true }).where(eq(tables.users.id, person.userId)),
  );
  return person;
};

/** In how many rows of every table an org stands; of its audit log it is to be many. */
const rowsOf = async (orgId: string): Promise<Readonly<Record<string, number>>> => {
  const found = await withSystem(api.db, (tx) =>
    tx.execute(sql`
      select table_name as name, column_name as "column" from information_schema.columns
      where table_schema = 'public' and column_name in ('org_id', 'organization_id')`),
  );
  const counts: Record<string, number> = {};
  for (const { name, column } of found) {
    const [row] = await withSystem(api.db, (tx) =>
      tx.execute(sql`select count(*)::int as rows from ${sql.identifier(String(name))}
        where ${sql.identifier(String(column))} = ${orgId}`),
    );
    const rows = Number(row?.['rows']);
    if (rows > 0) counts[String(name)] = rows;
  }
  return counts;
};

describe('making another organisation', () => {
  it('is for administrators of the installation, who own it and work in it at once', async () => {
    const org = await api.createOrg();
    const owner = await org.signIn('owner');
    expect(await codeOf(owner.call('POST /v1/orgs', { name: 'Mine' }))).toEqual([403, 'not_allowed']);
    expect((await owner.call('GET /v1/me/orgs')).body.mayCreate).toBe(false);
    const administrator = await instanceAdministrator(org);
    expect((await administrator.call('GET /v1/me/orgs')).body.mayCreate).toBe(true);
    const { status, body } = await administrator.call('POST /v1/orgs', { name: 'Café Sol & Co.' });
    expect([status, body]).toEqual([
      201,
      { id: expect.any(String), name: 'Café Sol & Co.', slug: 'cafe-sol-co', role: 'owner', isActive: true },
    ]);
    expect((await administrator.call('GET /v1/me')).body).toMatchObject({ org: { id: body.id }, role: 'owner' });
    expect((await administrator.call('POST /v1/flows', { name: 'First' })).status).toBe(201);
    await administrator.call('PUT /v1/me/org', { orgId: org.orgId });
    expect((await administrator.call('GET /v1/me')).body).toMatchObject({ org: { id: org.orgId }, role: 'viewer' });
    for (const chain of ['instance', body.id]) {
      const created = (await auditIn(chain)).filter(({ action }) => action === 'org.created');
      expect(created).toMatchObject([{ targetId: body.id, actorId: administrator.userId }]);
    }
    // The same name again gets a slug of its own; one that is asked for has to be free.
    const again = await administrator.call('POST /v1/orgs', { name: 'Café Sol & Co.' });
    expect(again.body.slug).toMatch(/^cafe-sol-co-[0-9a-f]{8}$/);
    const taken = administrator.call('POST /v1/orgs', { name: 'Another', slug: 'cafe-sol-co' });
    expect(await codeOf(taken)).toEqual([409, 'name_taken']);
    expect((await administrator.call('POST /v1/orgs', { name: '東京' })).body.slug).toBe('organisation');
  });

  it('is for everybody with a confirmed address where the settings say so, also for whoever has none', async () => {
    const open = await createTestApi({ orgCreation: 'everybody' });
    try {
      const org = await open.createOrg();
      await org.addPerson('owner');
      const person = await org.signIn('viewer');
      const { users } = tables;
      const confirmed = (emailVerified: boolean) =>
        withSystem(open.db, (tx) => tx.update(users).set({ emailVerified }).where(eq(users.id, person.userId)));
      await confirmed(false);
      expect(await codeOf(person.call('POST /v1/orgs', { name: 'Mine' }))).toEqual([403, 'not_allowed']);
      await confirmed(true);
      expect((await person.call(`DELETE /v1/me/orgs/${org.orgId}`)).status).toBe(204);
      expect((await person.call('POST /v1/orgs', { name: 'Mine' })).status).toBe(201);
      expect((await person.call('GET /v1/me')).body.org.name).toBe('Mine');
    } finally {
      await open.close();
    }
  });
});

describe('deleting an organisation', () => {
  it('takes everything of it, and nothing of any other', async () => {
    const [org, other] = [await api.createOrg('Doomed'), await api.createOrg('Spared')];
    const ids = await makeOneOfEverything(api, org, 'Doomed');
    await makeOneOfEverything(api, other, 'Spared');
    for (const { orgId } of [org, other]) await setRuns(orgId, 'cancelled');
    const owner = await org.signIn('owner');
    await other.addMember(owner.userId, 'viewer');
    const snapshot = await createSnapshot(api, other.orgId);
    const before = await rowsOf(org.orgId);
    expect(Object.keys(before).length).toBeGreaterThan(20);

    const preview = (await owner.call('GET /v1/org/deletion')).body;
    expect(preview).toMatchObject({ name: 'Doomed', openRuns: 0, isLast: false });
    expect([preview.flows, preview.runs, preview.connections, preview.people].every((count) => count > 0)).toBe(true);
    const spared = await snapshot();
    expect((await owner.call('POST /v1/org/deletion', { name: 'Doomed', password })).status).toBe(204);

    expect(Object.keys(await rowsOf(org.orgId)).toSorted()).toEqual(['audit_events', 'audit_heads']);
    expect(await snapshot()).toBe(spared);
    for (const chain of ['instance', org.orgId]) {
      expect((await auditIn(chain))[0]).toMatchObject({
        action: 'organization.deleted',
        actorId: owner.userId,
        targetId: org.orgId,
        targetName: 'Doomed',
      });
    }
    // Its person keeps the account, and goes on in another one; its keys open nothing.
    expect(await codeOf(owner.call('GET /v1/flows'))).toEqual([403, 'no_organisation']);
    expect((await owner.call('PUT /v1/me/org', { orgId: other.orgId })).status).toBe(204);
    expect((await owner.call('GET /v1/flows')).status).toBe(200);
    expect((await owner.call(`GET /v1/flows/${ids['flowId']}`)).status).toBe(404);
    await signInWith(api.app, owner);
  });

  it('is an owner’s, who types its name and gives their password', async () => {
    const org = await api.createOrg('Kept');
    await api.createOrg('Second');
    const body = { name: 'Kept', password };
    for (const role of ['admin', 'developer', 'operator', 'viewer'] as const) {
      const { call } = await org.signIn(role);
      expect(await codeOf(call('GET /v1/org/deletion'))).toEqual([403, 'not_allowed']);
      expect(await codeOf(call('POST /v1/org/deletion', body))).toEqual([403, 'not_allowed']);
    }
    expect(await codeOf((await org.as('owner'))('POST /v1/org/deletion', body))).toEqual([403, 'not_allowed']);
    const { call } = await org.signIn('owner');
    for (const name of ['', 'kept', 'Kept it', 'Second']) {
      const answer = await call('POST /v1/org/deletion', { ...body, name });
      expect([answer.status, answer.body.errors[0].path]).toEqual([400, 'name']);
    }
    const wrong = { ...body, password: 'another horse battery' };
    expect(await codeOf(call('POST /v1/org/deletion', wrong))).toEqual([403, 'password_wrong']);
    expect((await call('GET /v1/org')).status).toBe(200);
  });

  it('waits for runs that are open, or cancels them when told to', async () => {
    const org = await api.createOrg('Busy');
    await makeOneOfEverything(api, org, 'Busy');
    await setRuns(org.orgId, 'running');
    const { call } = await org.signIn('owner');
    const body = { name: 'Busy', password };
    const refused = await call('POST /v1/org/deletion', body);
    const { openRuns } = (await call('GET /v1/org/deletion')).body;
    expect([refused.status, refused.body.code]).toEqual([409, 'runs_open']);
    expect(refused.body.detail).toContain(`${openRuns} runs`);
    expect(openRuns).toBeGreaterThan(0);
    // As their projection would write it while the request waits.
    const deleted = call('POST /v1/org/deletion', { ...body, cancelRuns: true });
    await expect
      .poll(async () => (await auditIn(org.orgId)).map(({ action }) => action), { timeout: 8_000 })
      .toContain('org.deletion_asked');
    const active = await withOrg(api.db, org.orgId, (tx) => tx.$count(tables.flows, eq(tables.flows.status, 'active')));
    expect(active).toBe(0);
    await setRuns(org.orgId, 'cancelled');
    expect((await deleted).status).toBe(204);
  });

  it('says that runs are still ending, with nothing deleted, and works when they have', async () => {
    const org = await api.createOrg('Slow');
    await makeOneOfEverything(api, org, 'Slow');
    await setRuns(org.orgId, 'running');
    const { call } = await org.signIn('owner');
    const body = { name: 'Slow', password, cancelRuns: true };
    const refused = await call('POST /v1/org/deletion', body);
    expect([refused.status, refused.body.code]).toEqual([409, 'runs_open']);
    expect(refused.body.detail).toContain('try again in a moment');
    expect((await call('GET /v1/org')).status).toBe(200);
    await setRuns(org.orgId, 'cancelled');
    expect((await call('POST /v1/org/deletion', body)).status).toBe(204);
  }, 40_000);

  it('leaves the last one, also when the last two go at once', async () => {
    const small = await createTestApi();
    try {
      const [one, two] = [await small.createOrg('One'), await small.createOrg('Two')];
      const [first, second] = [await one.signIn('owner'), await two.signIn('owner')];
      const answers = await Promise.all([
        codeOf(first.call('POST /v1/org/deletion', { name: 'One', password })),
        codeOf(second.call('POST /v1/org/deletion', { name: 'Two', password })),
      ]);
      expect(answers.map(([status]) => status).toSorted((left, right) => left - right)).toEqual([204, 409]);
      expect(answers).toContainEqual([409, 'last_organisation']);
      expect(await withSystem(small.db, (tx) => tx.$count(tables.organizations))).toBe(1);
      const left = answers[0]?.[0] === 409 ? first : second;
      expect((await left.call('GET /v1/org/deletion')).body.isLast).toBe(true);
    } finally {
      await small.close();
    }
  });

  it('is refused by the database itself for an organisation that the transaction does not name', async () => {
    const [org, other] = [await api.createOrg('Own'), await api.createOrg('Foreign')];
    const erase = (named: string) =>
      withOrg(api.db, named, (tx) => tx.execute(sql`select delete_own_organization(${other.orgId})`));
    await expect(erase(org.orgId)).rejects.toMatchObject({ cause: { code: '42501' } });
    await expect(erase('*')).rejects.toMatchObject({ cause: { code: '42501' } });
    const inner = withOrg(api.db, other.orgId, (tx) => tx.execute(sql`select erase_organization(${other.orgId})`));
    await expect(inner).rejects.toMatchObject({ cause: { code: '42501' } });
  });
});

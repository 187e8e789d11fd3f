import { tables, withOrg } from '@everwave/schema/db';
import { roles } from '@everwave/schema/api';
import { and, desc, eq, ne } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Call, createTestApi, signInWith, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
beforeAll(async () => {
  api = await createTestApi({ limits: { anonymousPerMinute: 10_000 } });
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
});

const codeOf = async (answer: ReturnType<Call>): Promise<readonly [number, string | undefined]> => {
  const { status, body } = await answer;
  return [status, body?.code];
};
const ownersOf = ({ orgId }: TestOrg) =>
  withOrg(api.db, orgId, (tx) =>
    tx.$count(tables.members, and(eq(tables.members.organizationId, orgId), eq(tables.members.role, 'owner'))),
  );
/** The last change; refusals are written beside them, in their own time. */
const lastAudit = async ({ orgId }: TestOrg) => {
  const { auditEvents } = tables;
  const [last] = await withOrg(api.db, orgId, (tx) =>
    tx
      .select()
      .from(auditEvents)
      .where(ne(auditEvents.action, 'access.refused'))
      .orderBy(desc(auditEvents.id))
      .limit(1),
  );
  return last;
};

describe('members', () => {
  it('are seen by everybody in the org, with their role and when they signed in last', async () => {
    const owner = await org.addPerson('owner');
    const { call, email } = await org.signIn('viewer');
    const { body } = await call('GET /v1/members');
    expect(body.items).toHaveLength(2);
    const found = (address: string) => body.items.find((item: { email: string }) => item.email === address);
    expect(found(owner.email)).toMatchObject({ id: owner.memberId, role: 'owner', lastSignInAt: null });
    expect(Date.parse(found(email).lastSignInAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('may do with their next request what their new role holds, and no more what it does not', async () => {
    const admin = await org.signIn('admin');
    const { call, memberId, userId } = await org.signIn('viewer');
    expect(await codeOf(call('POST /v1/flows', { name: 'Mine' }))).toEqual([403, 'not_allowed']);
    const changed = await admin.call(`PATCH /v1/members/${memberId}`, { role: 'developer' });
    expect([changed.status, changed.body.role]).toEqual([200, 'developer']);
    expect((await call('POST /v1/flows', { name: 'Mine' })).status).toBe(201);
    expect((await admin.call(`PATCH /v1/members/${memberId}`, { role: 'operator' })).status).toBe(200);
    expect((await call('POST /v1/flows', { name: 'Mine' })).status).toBe(403);
    expect(await lastAudit(org)).toMatchObject({
      action: 'member.role_changed',
      actorId: admin.userId,
      targetId: memberId,
    });
    expect(JSON.stringify(await lastAudit(org))).toContain(userId);
  });

  it.each(roles.filter((role) => role !== 'owner'))('of the role %s can do nothing to an owner', async (role) => {
    const owner = await org.addPerson('owner');
    await org.addPerson('owner');
    const { call } = await org.signIn(role);
    expect(await codeOf(call(`PATCH /v1/members/${owner.memberId}`, { role: 'viewer' }))).toEqual([403, 'not_allowed']);
    expect(await codeOf(call(`DELETE /v1/members/${owner.memberId}`))).toEqual([403, 'not_allowed']);
    expect(await ownersOf(org)).toBe(2);
  });

  it('are made owner by nobody like that, not even by an owner', async () => {
    const { call } = await org.signIn('owner');
    const { memberId } = await org.addPerson('viewer');
    expect(await codeOf(call(`PATCH /v1/members/${memberId}`, { role: 'owner' }))).toEqual([400, 'invalid_request']);
  });

  it('lose access with their next request when they are removed', async () => {
    const { call, memberId } = await org.signIn('developer');
    const admin = await org.as('admin');
    expect((await call('GET /v1/flows')).status).toBe(200);
    expect((await admin(`DELETE /v1/members/${memberId}`)).status).toBe(204);
    expect(await codeOf(call('GET /v1/flows'))).toEqual([403, 'no_organisation']);
    expect(await codeOf(admin(`DELETE /v1/members/${memberId}`))).toEqual([404, 'member_not_found']);
    expect((await call('GET /v1/me/orgs')).body.items).toEqual([]);
  });

  it('may leave, and are no longer there', async () => {
    await org.addPerson('owner');
    const { call, memberId } = await org.signIn('viewer');
    expect((await call(`DELETE /v1/me/orgs/${org.orgId}`)).status).toBe(204);
    expect(await codeOf(call('GET /v1/me'))).toEqual([403, 'no_organisation']);
    expect(await codeOf(call(`DELETE /v1/me/orgs/${org.orgId}`))).toEqual([404, 'organisation_not_found']);
    expect(await lastAudit(org)).toMatchObject({ action: 'member.left', targetId: memberId });
  });

  it('leave at least one owner behind', async () => {
    const { call, memberId } = await org.signIn('owner');
    expect(await codeOf(call(`DELETE /v1/me/orgs/${org.orgId}`))).toEqual([409, 'last_owner']);
    expect(await codeOf(call(`DELETE /v1/members/${memberId}`))).toEqual([409, 'last_owner']);
    expect(await codeOf(call(`PATCH /v1/members/${memberId}`, { role: 'admin' }))).toEqual([409, 'last_owner']);
    expect(await ownersOf(org)).toBe(1);
  });

  it('leave one owner behind although all of them leave, demote and remove at the same moment', async () => {
    const owners = await Promise.all([1, 2, 3, 4].map(() => org.signIn('owner')));
    const [first, second, third, fourth] = owners;
    if (!first || !second || !third || !fourth) throw new Error('There are four.');
    const answers = await Promise.all([
      first.call(`DELETE /v1/me/orgs/${org.orgId}`),
      second.call(`DELETE /v1/members/${third.memberId}`),
      third.call(`PATCH /v1/members/${second.memberId}`, { role: 'viewer' }),
      fourth.call(`DELETE /v1/me/orgs/${org.orgId}`),
      second.call(`DELETE /v1/me/orgs/${org.orgId}`),
    ]);
    expect(await ownersOf(org)).toBeGreaterThanOrEqual(1);
    expect(answers.every(({ status }) => [200, 204, 403, 404, 409].includes(status))).toBe(true);
  });

  it('cannot use what concerns a person with a key', async () => {
    const key = await org.as('owner');
    expect(await codeOf(key('GET /v1/me/orgs'))).toEqual([403, 'not_allowed']);
    expect(await codeOf(key('POST /v1/ownership/offer', { memberId: 'm', password: 'p' }))).toEqual([
      403,
      'not_allowed',
    ]);
  });
});

describe('a person in two orgs', () => {
  const inBoth = async () => {
    const other = await api.createOrg('Other');
    const person = await org.addPerson('admin');
    await other.addMember(person.userId, 'viewer');
    return { other, person, call: await signInWith(api.app, person) };
  };

  it('begins in the one joined first, switches, and has in each the role held there', async () => {
    const { other, call } = await inBoth();
    const flow = (await call('POST /v1/flows', { name: 'Here' })).body.id;
    expect((await call('GET /v1/me')).body).toMatchObject({ org: { id: org.orgId }, role: 'admin' });
    expect((await call('PUT /v1/me/org', { orgId: other.orgId })).status).toBe(204);
    expect((await call('GET /v1/me')).body).toMatchObject({ org: { id: other.orgId }, role: 'viewer' });
    expect(await codeOf(call(`GET /v1/flows/${flow}`))).toEqual([404, 'flow_not_found']);
    expect((await call('POST /v1/flows', { name: 'There' })).status).toBe(403);
    const { items } = (await call('GET /v1/me/orgs')).body;
    expect(items.map(({ id, isActive }: { id: string; isActive: boolean }) => [id, isActive])).toEqual([
      [org.orgId, false],
      [other.orgId, true],
    ]);
  });

  it('moves one session only, and begins the next one where they switched to', async () => {
    const { other, person, call } = await inBoth();
    const second = await signInWith(api.app, person);
    await second('PUT /v1/me/org', { orgId: other.orgId });
    expect((await call('GET /v1/me')).body.org.id).toBe(org.orgId);
    const third = await signInWith(api.app, person);
    expect((await third('GET /v1/me')).body.org.id).toBe(other.orgId);
  });

  it('is never moved to the other one by itself when a membership ends', async () => {
    const { other, call, person } = await inBoth();
    await (await org.as('admin'))(`DELETE /v1/members/${person.memberId}`);
    expect(await codeOf(call('GET /v1/me'))).toEqual([403, 'no_organisation']);
    expect((await call('PUT /v1/me/org', { orgId: other.orgId })).status).toBe(204);
    expect((await call('GET /v1/me')).body.org.id).toBe(other.orgId);
  });

  it('cannot switch to an org of others', async () => {
    const { call } = await inBoth();
    const { orgId } = await api.createOrg('Theirs');
    expect(await codeOf(call('PUT /v1/me/org', { orgId }))).toEqual([404, 'organisation_not_found']);
    expect((await call('GET /v1/me')).body.org.id).toBe(org.orgId);
  });
});

describe('ownership', () => {
  const offered = async (isShared = false) => {
    const owner = await org.signIn('owner');
    const heir = await org.signIn('developer');
    const body = { memberId: heir.memberId, password: owner.password, isShared };
    const answer = await owner.call('POST /v1/ownership/offer', body);
    expect(answer.status).toBe(201);
    return { owner, heir };
  };

  it('passes when both have given their password, and not before', async () => {
    const { owner, heir } = await offered();
    expect((await heir.call('GET /v1/me')).body.role).toBe('developer');
    expect((await heir.call('GET /v1/ownership')).body.offer).toMatchObject({
      from: { memberId: owner.memberId },
      to: { memberId: heir.memberId },
    });
    const wrong = heir.call('POST /v1/ownership/accept', { password: owner.password.toUpperCase() });
    expect(await codeOf(wrong)).toEqual([403, 'password_wrong']);
    expect((await heir.call('POST /v1/ownership/accept', { password: heir.password })).status).toBe(204);
    expect((await heir.call('GET /v1/me')).body.role).toBe('owner');
    expect((await owner.call('GET /v1/me')).body.role).toBe('admin');
    expect(await lastAudit(org)).toMatchObject({ action: 'org.ownership_transferred', actorId: heir.userId });
    const again = heir.call('POST /v1/ownership/accept', { password: heir.password });
    expect(await codeOf(again)).toEqual([404, 'ownership_offer_not_found']);
  });

  it('can be shared, and then either owner may leave', async () => {
    const { owner, heir } = await offered(true);
    await heir.call('POST /v1/ownership/accept', { password: heir.password });
    expect(await ownersOf(org)).toBe(2);
    expect((await owner.call(`DELETE /v1/me/orgs/${org.orgId}`)).status).toBe(204);
    expect(await codeOf(heir.call(`DELETE /v1/me/orgs/${org.orgId}`))).toEqual([409, 'last_owner']);
  });

  it('is offered by an owner with the right password only, to one member at a time', async () => {
    const owner = await org.signIn('owner');
    const { memberId } = await org.addPerson('viewer');
    const offer = (call: Call, password: string, to = memberId) =>
      codeOf(call('POST /v1/ownership/offer', { memberId: to, password }));
    expect(await offer(owner.call, 'not my password')).toEqual([403, 'password_wrong']);
    const admin = await org.signIn('admin');
    expect(await offer(admin.call, admin.password)).toEqual([403, 'not_allowed']);
    expect(await offer(owner.call, owner.password, owner.memberId)).toEqual([409, 'ownership_offered']);
    expect(await offer(owner.call, owner.password, 'nobody')).toEqual([404, 'member_not_found']);
    expect((await offer(owner.call, owner.password))[0]).toBe(201);
    expect(await offer(owner.call, owner.password)).toEqual([409, 'ownership_offered']);
  });

  it('is not accepted by somebody else, when it was withdrawn or declined, or when it is too old', async () => {
    const { owner, heir } = await offered();
    const other = await org.signIn('admin');
    const accept = ({ call, password }: typeof heir) => codeOf(call('POST /v1/ownership/accept', { password }));
    const gone = [404, 'ownership_offer_not_found'];
    expect(await accept(other)).toEqual(gone);
    expect(await codeOf(other.call('DELETE /v1/ownership/offer'))).toEqual(gone);
    expect((await owner.call('DELETE /v1/ownership/offer')).status).toBe(204);
    expect(await accept(heir)).toEqual(gone);
    const renew = () => owner.call('POST /v1/ownership/offer', { memberId: heir.memberId, password: owner.password });
    expect((await renew()).status).toBe(201);
    expect((await heir.call('DELETE /v1/ownership/offer')).status).toBe(204);
    expect((await renew()).status).toBe(201);
    await withOrg(api.db, org.orgId, (tx) => tx.update(tables.ownershipOffers).set({ expiresAt: new Date(0) }));
    expect(await accept(heir)).toEqual(gone);
    expect((await renew()).status).toBe(201);
  });

  it('is worth nothing any more once whoever offered it has left or is no owner', async () => {
    const { owner, heir } = await offered();
    const second = await org.signIn('owner');
    await second.call(`PATCH /v1/members/${owner.memberId}`, { role: 'viewer' });
    const accept = () => codeOf(heir.call('POST /v1/ownership/accept', { password: heir.password }));
    expect(await accept()).toEqual([404, 'ownership_offer_not_found']);
    await second.call(`DELETE /v1/members/${owner.memberId}`);
    expect((await heir.call('GET /v1/ownership')).body).toEqual({ offer: null });
  });

  it('cannot be won by guessing passwords', async () => {
    const owner = await org.signIn('owner');
    const { memberId } = await org.addPerson('viewer');
    const statuses = [];
    for (let guess = 0; guess < 11; guess += 1) {
      const { status } = await owner.call('POST /v1/ownership/offer', { memberId, password: `guess ${guess}` });
      statuses.push(status);
    }
    expect(statuses).toEqual([...Array(10).fill(403), 429]);
  });
});

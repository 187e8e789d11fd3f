import { tables, withOrg } from '@everwave/schema/db';
import { asc, like } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let admin: Call;
beforeAll(async () => {
  api = await createTestApi({ limits: { anonymousPerMinute: 10_000 } });
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  admin = (await org.signIn('admin')).call;
});

const codeOf = async (answer: ReturnType<Call>): Promise<readonly [number, string | undefined]> => {
  const { status, body } = await answer;
  return [status, body?.code];
};
const created = async (call: Call, name = 'Roastery'): Promise<string> => {
  const answer = await call('POST /v1/teams', { name });
  expect(answer.status).toBe(201);
  return answer.body.id;
};

describe('a team', () => {
  it('is seen by everybody with its members and what they are in the organisation', async () => {
    const id = await created(admin);
    const role = await admin('POST /v1/roles', { name: 'Night shift', permissions: ['flows:read', 'members:read'] });
    const developer = await org.addPerson('developer');
    const own = await org.addPerson('viewer');
    await admin(`PATCH /v1/members/${own.memberId}`, { role: role.body.id });
    for (const { memberId } of [developer, own]) {
      expect((await admin(`PUT /v1/teams/${id}/members/${memberId}`)).status).toBe(200);
    }
    const { items } = (await (await org.signIn('viewer')).call('GET /v1/teams')).body;
    expect(items).toEqual([
      {
        id,
        name: 'Roastery',
        createdAt: expect.any(String),
        members: [
          {
            id: developer.memberId,
            name: 'The developer',
            email: developer.email,
            role: 'developer',
            roleName: 'developer',
          },
          { id: own.memberId, name: 'The viewer', email: own.email, role: role.body.id, roleName: 'Night shift' },
        ],
      },
    ]);
  });

  it('is changed by whoever manages members, and by nobody else', async () => {
    const id = await created(admin);
    const { memberId } = await org.addPerson('viewer');
    const { call: developer } = await org.signIn('developer');
    const deeds = [
      ['POST /v1/teams', { name: 'Mine' }],
      [`PATCH /v1/teams/${id}`, { name: 'Mine' }],
      [`PUT /v1/teams/${id}/members/${memberId}`, undefined],
      [`DELETE /v1/teams/${id}/members/${memberId}`, undefined],
      [`DELETE /v1/teams/${id}`, undefined],
    ] as const;
    for (const [deed, body] of deeds) expect(await codeOf(developer(deed, body))).toEqual([403, 'not_allowed']);
    expect((await admin('GET /v1/teams')).body.items).toMatchObject([{ name: 'Roastery', members: [] }]);
    expect((await admin(`PATCH /v1/teams/${id}`, { name: 'Roasters' })).body.name).toBe('Roasters');
    expect((await admin(`DELETE /v1/teams/${id}`)).status).toBe(204);
    expect(await codeOf(admin(`DELETE /v1/teams/${id}`))).toEqual([404, 'team_not_found']);
    expect((await admin('GET /v1/members')).body.items.length).toBe(3);
  });

  it('takes a member in once, and says who is not in it', async () => {
    const id = await created(admin);
    const { memberId } = await org.addPerson('viewer');
    const place = `/v1/teams/${id}/members/${memberId}`;
    expect(await codeOf(admin(`DELETE ${place}`))).toEqual([404, 'team_member_not_found']);
    await admin(`PUT ${place}`);
    expect((await admin(`PUT ${place}`)).body.members).toHaveLength(1);
    expect((await admin(`DELETE ${place}`)).status).toBe(204);
    expect((await admin('GET /v1/teams')).body.items[0].members).toEqual([]);
  });

  it('loses whoever leaves the organisation, with the membership', async () => {
    const id = await created(admin);
    const { memberId } = await org.addPerson('developer');
    await admin(`PUT /v1/teams/${id}/members/${memberId}`);
    expect((await admin(`DELETE /v1/members/${memberId}`)).status).toBe(204);
    expect((await admin('GET /v1/teams')).body.items).toMatchObject([{ id, members: [] }]);
    expect(await withOrg(api.db, org.orgId, (tx) => tx.$count(tables.teamMembers))).toBe(0);
  });

  it('has a name of its own in its organisation, however it is written', async () => {
    await created(admin);
    const other = await created(admin, 'Packers');
    for (const name of ['Roastery', 'ROASTERY', '  roastery ']) {
      expect(await codeOf(admin('POST /v1/teams', { name }))).toEqual([409, 'name_taken']);
      expect(await codeOf(admin(`PATCH /v1/teams/${other}`, { name }))).toEqual([409, 'name_taken']);
    }
    expect((await admin(`PATCH /v1/teams/${other}`, { name: 'PACKERS' })).status).toBe(200);
    for (const name of ['', ' ', 'a'.repeat(81)]) {
      expect(await codeOf(admin('POST /v1/teams', { name }))).toEqual([400, 'invalid_request']);
    }
    await created((await (await api.createOrg('Other')).signIn('admin')).call);
  });

  it('has no member and no team of another organisation', async () => {
    const id = await created(admin);
    const other = await api.createOrg('Other');
    const { memberId } = await other.addPerson('viewer');
    expect(await codeOf(admin(`PUT /v1/teams/${id}/members/${memberId}`))).toEqual([404, 'member_not_found']);
    const theirs = (await other.signIn('admin')).call;
    expect(await codeOf(theirs(`PUT /v1/teams/${id}/members/${memberId}`))).toEqual([404, 'team_not_found']);
    expect(await withOrg(api.db, other.orgId, (tx) => tx.$count(tables.teams))).toBe(0);
  });

  it('stands in the audit log with everything that was done to it', async () => {
    const id = await created(admin);
    const { memberId } = await org.addPerson('viewer');
    await admin(`PUT /v1/teams/${id}/members/${memberId}`);
    await admin(`PUT /v1/teams/${id}/members/${memberId}`);
    await admin(`PATCH /v1/teams/${id}`, { name: 'Roasters' });
    await admin(`DELETE /v1/teams/${id}/members/${memberId}`);
    await admin(`DELETE /v1/teams/${id}`);
    const { auditEvents } = tables;
    const rows = await withOrg(api.db, org.orgId, (tx) =>
      tx.select().from(auditEvents).where(like(auditEvents.action, 'team.%')).orderBy(asc(auditEvents.id)),
    );
    expect(
      rows.map(({ action, targetName, details }) => [action, targetName, details['member'] ?? details['from']]),
    ).toEqual([
      ['team.created', 'Roastery', undefined],
      ['team.member_added', 'Roastery', 'The viewer'],
      ['team.renamed', 'Roasters', 'Roastery'],
      ['team.member_removed', 'Roasters', 'The viewer'],
      ['team.deleted', 'Roasters', undefined],
    ]);
  });
});

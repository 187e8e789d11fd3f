import { randomUUID } from 'node:crypto';
import { permissions, rolePermissions, roles } from '@everwave/schema/api';
import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findApiKeyCaller } from '../../auth/api-keys.ts';
import { type Guarded, reaches, within } from '../../auth/within.ts';
import { operations } from '../operations.ts';
import { manualFlow } from '../../testing/graphs.ts';
import { createGraveyard } from '../../testing/dead-letters.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let admin: Call;
beforeAll(async () => {
  api = await createTestApi({ limits: { callsPerMinute: 1_000_000 } });
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  admin = await org.as('admin');
});

interface Holder {
  readonly call: Call;
  readonly key: string;
  readonly grantee: { readonly kind: 'serviceAccount'; readonly id: string };
}

/** Somebody with this role, who can be named in a grant. */
const holder = async (role: string): Promise<Holder> => {
  const name = `Holder ${Math.random()}`;
  const account = (await admin('POST /v1/service-accounts', { name, role })).body;
  const { key } = (await admin('POST /v1/api-keys', { name, serviceAccountId: account.id })).body;
  return { call: callWith(api.app, { 'x-api-key': key }), key, grantee: { kind: 'serviceAccount', id: account.id } };
};
const makeFlow = async (name: string): Promise<string> => (await admin('POST /v1/flows', { name })).body.id;
const restrict = async (path: string, grants: readonly object[] = [], isRestricted = true) => {
  const answer = await admin(`PUT /v1/${path}/access`, { isRestricted, grants });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body;
};
const names = async (call: Call): Promise<string[]> =>
  (await call('GET /v1/flows')).body.items.map(({ name }: { name: string }) => name);

describe('a flow that is kept for some', () => {
  it('answers 403 to a member who is not among them, who reaches every other', async () => {
    const [kept, open] = [await makeFlow('Payroll'), await makeFlow('Orders')];
    const [member, chosen] = [await holder('developer'), await holder('developer')];
    await restrict(`flows/${kept}`, [{ grantee: chosen.grantee, role: null }]);
    for (const [operation, body] of [
      ['GET', undefined],
      ['PATCH', { description: 'Mine' }],
    ] as const) {
      const refused = await member.call(`${operation} /v1/flows/${kept}`, body);
      expect([refused.status, refused.body.code]).toEqual([403, 'not_allowed']);
      expect((await member.call(`${operation} /v1/flows/${open}`, body)).status).toBe(200);
      expect((await chosen.call(`${operation} /v1/flows/${kept}`, body)).status).toBe(200);
    }
    expect(await names(member.call)).toEqual(['Orders']);
    expect((await names(chosen.call)).toSorted()).toEqual(['Orders', 'Payroll']);
    // Whoever says who may reach what is not kept out.
    expect((await names(admin)).toSorted()).toEqual(['Orders', 'Payroll']);
  });

  it('is changed by one at a time: who read it before somebody else changed it is told so', async () => {
    const flowId = await makeFlow('Payroll');
    const [one, other] = [await holder('viewer'), await holder('viewer')];
    const { revision } = (await admin(`GET /v1/flows/${flowId}/access`)).body;
    const set = (grantee: Holder['grantee']) =>
      admin(`PUT /v1/flows/${flowId}/access`, { revision, isRestricted: true, grants: [{ grantee, role: null }] });
    const answers = await Promise.all([set(one.grantee), set(other.grantee)]);
    const said = answers.map(({ status, body }): string => body.code ?? `${status}`);
    expect(new Set(said)).toEqual(new Set(['200', 'access_changed']));
    const after = (await admin(`GET /v1/flows/${flowId}/access`)).body;
    expect(after.grants).toHaveLength(1);
    expect(after.revision).not.toBe(revision);
    expect(answers.find(({ status }) => status === 200)?.body.revision).toBe(after.revision);
  });

  it('is reached again at once when the grant or the restriction changes', async () => {
    const kept = await makeFlow('Payroll');
    const member = await holder('viewer');
    const status = async () => (await member.call(`GET /v1/flows/${kept}`)).status;
    await restrict(`flows/${kept}`);
    expect(await status()).toBe(403);
    await restrict(`flows/${kept}`, [{ grantee: member.grantee, role: null }]);
    expect(await status()).toBe(200);
    await restrict(`flows/${kept}`);
    expect(await status()).toBe(403);
    await restrict(`flows/${kept}`, [], false);
    expect(await status()).toBe(200);
  });

  it('keeps its runs, dead letters and their groups with it', async () => {
    const [kept, open] = [await createGraveyard(api, org, 'Payroll'), await createGraveyard(api, org, 'Orders')];
    const [hidden, shown] = [await kept.bury(), await open.bury()];
    const member = await holder('operator');
    const seen = async (path: string) => (await member.call(`GET /v1/${path}`)).body;
    const lists = ['runs', 'dead-letters', 'dead-letter-groups'];
    const counts = async () => Promise.all(lists.map(async (path) => (await seen(path)).items.length));
    expect(await counts()).toEqual([2, 2, 2]);
    await restrict(`flows/${kept.flowId}`);
    expect(await counts()).toEqual([1, 1, 1]);
    expect((await seen('dead-letters')).open).toBe(1);
    expect((await seen('insights')).total.runs).toBe(1);
    const reads = (graveyard: typeof kept, { id, runId }: typeof hidden) => [
      ...['', '/steps', '/logs', '/attempts'].map((path) => `GET /v1/runs/${runId}${path}`),
      `GET /v1/dead-letters/${id}`,
      `GET /v1/dead-letter-groups/${graveyard.fingerprint}`,
    ];
    for (const operation of reads(open, shown))
      expect([operation, (await member.call(operation)).status]).toEqual([operation, 200]);
    for (const operation of reads(kept, hidden))
      expect([operation, (await member.call(operation)).status]).toEqual([operation, 403]);
    const dismiss = { reason: 'Not mine', run: 'wait' };
    const repair = { action: 'retry' };
    for (const [operation, body] of [
      [`POST /v1/runs/${hidden.runId}/cancel`, {}],
      [`POST /v1/dead-letters/${hidden.id}/dismiss`, dismiss],
      [`POST /v1/dead-letter-groups/${kept.fingerprint}/dismiss`, dismiss],
      [`POST /v1/dead-letter-groups/${kept.fingerprint}/repairs`, repair],
    ] as const) {
      const answer = await member.call(operation, body);
      expect([operation, answer.status, answer.body.code]).toEqual([operation, 403, 'not_allowed']);
    }
  });
});

describe('a grant', () => {
  it('gives a role on one flow to somebody who has less in the org, and nothing elsewhere', async () => {
    const [mine, other] = [await makeFlow('Mine'), await makeFlow('Other')];
    const viewer = await holder('viewer');
    await restrict(`flows/${mine}`, [{ grantee: viewer.grantee, role: 'developer' }], false);
    const rename = { description: 'Renamed' };
    expect((await viewer.call(`PATCH /v1/flows/${mine}`, rename)).status).toBe(200);
    expect((await viewer.call(`PATCH /v1/flows/${other}`, rename)).status).toBe(403);
    expect((await viewer.call('POST /v1/flows', { name: 'New' })).status).toBe(403);
  });

  it('is told with the flow, and with its runs: what one may do with it', async () => {
    const [mine, other] = [await createGraveyard(api, org, 'Mine'), await createGraveyard(api, org, 'Other')];
    // Whoever starts the run is not granted anything: it is there before.
    const { runId } = await mine.bury();
    const viewer = await holder('viewer');
    const developer = await holder('developer');
    await restrict(`flows/${mine.flowId}`, [
      { grantee: viewer.grantee, role: 'operator' },
      { grantee: developer.grantee, role: 'viewer' },
    ]);
    const may = async ({ call }: Holder, path: string): Promise<string[]> => (await call(`GET /v1/${path}`)).body.may;
    for (const path of [`flows/${mine.flowId}`, `runs/${runId}`]) {
      expect((await may(viewer, path)).toSorted()).toEqual([...rolePermissions.operator].toSorted());
      // Of what is kept, one has what the grant holds and no more.
      expect((await may(developer, path)).toSorted()).toEqual([...rolePermissions.viewer].toSorted());
    }
    expect((await may(viewer, `flows/${other.flowId}`)).toSorted()).toEqual([...rolePermissions.viewer].toSorted());
    const listed = (await viewer.call('GET /v1/flows')).body.items;
    for (const { id, may: told } of listed) expect(told).toEqual(await may(viewer, `flows/${id}`));
  });

  it('lets in somebody who may do nothing else', async () => {
    const none = (await admin('POST /v1/roles', { name: 'Guest', permissions: [] })).body.id;
    const [mine] = [await makeFlow('Mine'), await makeFlow('Other')];
    const guest = await holder(none);
    expect((await guest.call('GET /v1/flows')).status).toBe(403);
    expect((await guest.call('GET /v1/me')).body).toMatchObject({ roleName: 'Guest', permissions: [] });
    await restrict(`flows/${mine}`, [{ grantee: guest.grantee, role: 'viewer' }], false);
    expect(await names(guest.call)).toEqual(['Mine']);
    expect((await guest.call('GET /v1/connections')).status).toBe(403);
  });

  it('on a folder holds for the flows in it, and moves with them', async () => {
    const folder = (await admin('POST /v1/folders', { name: 'Finance' })).body.id;
    const [inside, outside] = [await makeFlow('Payroll'), await makeFlow('Orders')];
    expect((await admin(`PUT /v1/flows/${inside}/folder`, { folderId: folder })).status).toBe(204);
    const [member, chosen] = [await holder('developer'), await holder('viewer')];
    await restrict(`folders/${folder}`, [{ grantee: chosen.grantee, role: null }]);
    expect(await names(member.call)).toEqual(['Orders']);
    expect((await names(chosen.call)).toSorted()).toEqual(['Orders', 'Payroll']);
    expect((await member.call('GET /v1/folders')).body.items).toEqual([]);
    expect((await chosen.call('GET /v1/folders')).body.items).toMatchObject([{ name: 'Finance', flows: 1 }]);
    expect((await chosen.call(`GET /v1/flows?folderId=${folder}`)).body.items).toHaveLength(1);
    // To put something in would change who reaches it.
    const moved = await member.call(`PUT /v1/flows/${outside}/folder`, { folderId: folder });
    expect([moved.status, moved.body.code]).toEqual([403, 'not_allowed']);
    await admin(`PUT /v1/flows/${inside}/folder`, { folderId: null });
    expect((await names(member.call)).toSorted()).toEqual(['Orders', 'Payroll']);
  });

  it('on a connection says who draws with it', async () => {
    const settings = { baseUrl: 'https://api.example.com' };
    const body = { name: 'Bank', kind: 'example.token', settings, secret: { token: 'the-token-of-the-bank' } };
    const made = await admin('POST /v1/connections', body);
    expect(made.status).toBe(201);
    const graph = manualFlow(made.body.id);
    const flow = (await admin('POST /v1/flows', { name: 'Pays', graph })).body.id;
    const publish = (call: Call) => call(`POST /v1/flows/${flow}/publish`);
    const member = await holder('developer');
    await restrict(`connections/${made.body.id}`);
    expect((await member.call(`GET /v1/connections/${made.body.id}`)).status).toBe(403);
    expect((await member.call('GET /v1/connections')).body.items).toEqual([]);
    expect((await admin('GET /v1/connections')).body.items).toHaveLength(1);
    // A drawing is no way round.
    expect((await publish(member.call)).body.code).toBe('flow_invalid');
    await restrict(`connections/${made.body.id}`, [{ grantee: member.grantee, role: 'viewer' }]);
    expect((await publish(member.call)).status).toBe(201);
    expect((await member.call(`DELETE /v1/connections/${made.body.id}`)).status).toBe(403);
  });

  it('is given by those who manage roles, in their org, and never beyond what they hold', async () => {
    const flow = await makeFlow('Payroll');
    const member = await holder('viewer');
    const set = (call: Call, grants: readonly object[]) =>
      call(`PUT /v1/flows/${flow}/access`, { isRestricted: true, grants });
    expect((await set(member.call, [])).status).toBe(403);
    expect((await set(admin, [{ grantee: member.grantee, role: 'owner' }])).body.code).toBe('not_allowed');
    const stranger = { kind: 'serviceAccount', id: `svc_${'0'.repeat(32)}` };
    const refused = await set(admin, [{ grantee: stranger, role: null }]);
    expect([refused.body.code, refused.body.errors[0].path]).toEqual(['grantee_not_found', 'grants.0.grantee']);
    const twice = { grantee: member.grantee, role: null };
    expect((await set(admin, [twice, twice])).status).toBe(400);
    const foreign = await (await api.createOrg()).as('owner');
    expect((await set(foreign, [])).body.code).toBe('flow_not_found');
  });

  it('is not taken by whoever would not see the thing any longer without it', async () => {
    const flow = await makeFlow('Payroll');
    const role = (await admin('POST /v1/roles', { name: 'Gatekeeper', permissions: ['roles:manage'] })).body.id;
    const person = await org.signIn('viewer');
    const grantee = { kind: 'user', id: person.userId };
    expect((await admin(`PATCH /v1/members/${person.memberId}`, { role })).status).toBe(200);
    await restrict(`flows/${flow}`, [{ grantee, role: 'viewer' }]);
    const set = (grants: readonly object[]) =>
      person.call(`PUT /v1/flows/${flow}/access`, { isRestricted: true, grants });
    const refused = await set([]);
    expect([refused.status, refused.body.code]).toEqual([409, 'locks_out']);
    expect((await person.call(`GET /v1/flows/${flow}`)).status).toBe(200);
    expect((await set([{ grantee, role: null }])).body.code).toBe('locks_out');
  });

  it('is gone with whom it was given to, also when they come back', async () => {
    const flow = await makeFlow('Payroll');
    const account = await holder('viewer');
    const key = (await admin('POST /v1/api-keys', { name: 'K', role: 'viewer' })).body;
    const person = await org.addPerson('viewer');
    const team = (await admin('POST /v1/teams', { name: 'Night shift' })).body;
    const grantees = [
      account.grantee,
      { kind: 'apiKey', id: key.id },
      { kind: 'user', id: person.userId },
      { kind: 'team', id: team.id },
    ];
    await restrict(
      `flows/${flow}`,
      grantees.map((grantee) => ({ grantee, role: null })),
    );
    for (const operation of [
      `DELETE /v1/service-accounts/${account.grantee.id}`,
      `DELETE /v1/api-keys/${key.id}`,
      `DELETE /v1/members/${person.memberId}`,
      `DELETE /v1/teams/${team.id}`,
    ]) {
      expect([operation, (await admin(operation)).status]).toEqual([operation, 204]);
    }
    await org.addMember(person.userId, 'viewer');
    const left = await withOrg(api.db, org.orgId, (tx) => tx.select().from(tables.grants));
    expect(left).toEqual([]);
    expect((await admin(`GET /v1/flows/${flow}/access`)).body.grants).toEqual([]);
  });

  it('does not let a key do more than it was cut to', async () => {
    const flow = await makeFlow('Mine');
    const { id, key } = (await admin('POST /v1/api-keys', { name: 'K', role: 'viewer', scopes: ['flows:read'] })).body;
    await restrict(`flows/${flow}`, [{ grantee: { kind: 'apiKey', id }, role: 'developer' }], false);
    const call = callWith(api.app, { 'x-api-key': key });
    expect((await call(`GET /v1/flows/${flow}`)).status).toBe(200);
    expect((await call(`PATCH /v1/flows/${flow}`, { description: 'x' })).status).toBe(403);
  });
});

describe('who reaches a thing', () => {
  it('is told with why: by the role, as manager of roles, by a grant to a team on the folder', async () => {
    const folder = (await admin('POST /v1/folders', { name: 'Finance' })).body.id;
    const flow = await makeFlow('Payroll');
    await admin(`PUT /v1/flows/${flow}/folder`, { folderId: folder });
    const [owner, viewer, other] = [
      await org.addPerson('owner'),
      await org.signIn('viewer'),
      await org.signIn('viewer'),
    ];
    const team = `team_${randomUUID()}`;
    await withOrg(api.db, org.orgId, async (tx) => {
      await tx
        .insert(tables.teams)
        .values({ id: team, orgId: org.orgId, name: 'Night shift', createdBy: owner.userId });
      const member = { orgId: org.orgId, teamId: team, userId: viewer.userId, role: 'member' as const };
      await tx.insert(tables.teamMembers).values(member);
    });
    const reasons = async (call: Call) => {
      const { folder: around, reachedBy } = (await call(`GET /v1/flows/${flow}/access`)).body;
      expect(around).toMatchObject({ id: folder, name: 'Finance' });
      const found = new Map<string, unknown>();
      for (const { holder: who, because } of reachedBy) found.set(who.id, because);
      return [owner, viewer, other].map(({ userId }) => found.get(userId));
    };
    const byRole = (roleName: string) => [{ by: 'role', roleName, on: null, team: null }];
    expect(await reasons(other.call)).toEqual([byRole('owner'), byRole('viewer'), byRole('viewer')]);
    await restrict(`folders/${folder}`, [{ grantee: { kind: 'team', id: team }, role: 'operator' }]);
    const throughTeam = [{ by: 'grant', roleName: 'operator', on: 'folder', team: 'Night shift' }];
    const asManager = [{ by: 'manager', roleName: 'owner', on: null, team: null }];
    expect(await reasons(viewer.call)).toEqual([asManager, throughTeam, undefined]);
    // Only who sees the flow sees who else does.
    expect((await other.call(`GET /v1/flows/${flow}/access`)).status).toBe(403);
  });

  it('is chosen from the people, teams and programs of the org', async () => {
    const member = await holder('viewer');
    const person = await org.addPerson('viewer');
    const { items } = (await admin('GET /v1/grantees')).body;
    expect(items).toContainEqual(expect.objectContaining({ kind: 'user', id: person.userId, detail: person.email }));
    expect(items).toContainEqual(expect.objectContaining(member.grantee));
    const foreign = await (await api.createOrg()).as('owner');
    const ids = (await foreign('GET /v1/grantees')).body.items.map(({ id }: { id: string }) => id);
    expect(ids).not.toContain(person.userId);
    expect(ids).not.toContain(member.grantee.id);
    expect((await member.call('GET /v1/grantees')).status).toBe(403);
  });
});

describe('a folder', () => {
  it('is deleted only when nothing is in it', async () => {
    const folder = (await admin('POST /v1/folders', { name: 'Finance' })).body.id;
    const flow = await makeFlow('Payroll');
    await admin(`PUT /v1/flows/${flow}/folder`, { folderId: folder });
    const refused = await admin(`DELETE /v1/folders/${folder}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'folder_not_empty']);
    await admin(`PUT /v1/flows/${flow}/folder`, { folderId: null });
    expect((await admin(`DELETE /v1/folders/${folder}`)).status).toBe(204);
    expect((await admin(`DELETE /v1/folders/${folder}`)).body.code).toBe('folder_not_found');
  });
});

describe('every operation on a flow', () => {
  it('refuses who is kept out of it', async () => {
    const flow = await makeFlow('Payroll');
    const member = await holder('developer');
    await restrict(`flows/${flow}`);
    const ofFlows = operations.filter(
      ({ route }) => 'x-within' in route && route.path.includes('{flowId}') && !route.path.includes('{version}'),
    );
    expect(ofFlows.length).toBeGreaterThan(12);
    for (const { route } of ofFlows) {
      const operation = `${route.method.toUpperCase()} ${route.path.replace('{flowId}', flow)}`;
      const answer = await member.call(operation, route.method === 'get' ? undefined : {});
      // A body that does not fit is told before anything is looked at.
      expect([operation, answer.status]).toEqual([operation, answer.body.code === 'invalid_request' ? 400 : 403]);
    }
  });
});

describe('the condition in SQL', () => {
  it('finds what the plain function says, for any roles, restrictions and grants', async () => {
    const folderIds: string[] = [];
    for (const name of ['A', 'B']) folderIds.push((await admin('POST /v1/folders', { name })).body.id);
    const flowIds: string[] = [];
    for (const name of ['1', '2', '3', '4']) flowIds.push(await makeFlow(name));
    const role = (await admin('POST /v1/roles', { name: 'Any', permissions: [] })).body.id;
    const { key, grantee } = await holder(role);
    const grant = fc.record({ role: fc.option(fc.constantFrom(...roles)), at: fc.nat({ max: 5 }) });
    const held = permissions.filter((permission) => permission !== 'org:manage');
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...held]),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.array(fc.option(fc.nat({ max: 1 })), { minLength: 4, maxLength: 4 }),
        fc.uniqueArray(grant, { selector: ({ at }) => at, maxLength: 3 }),
        fc.constantFrom(...permissions),
        async (holds, restricted, placed, given, permission) => {
          await withSystem(api.db, async (tx) => {
            await tx
              .update(tables.roles)
              .set({ permissions: [...holds] })
              .where(eq(tables.roles.id, role));
            await tx.delete(tables.grants).where(eq(tables.grants.orgId, org.orgId));
            for (const [at, id] of folderIds.entries()) {
              await tx
                .update(tables.folders)
                .set({ isRestricted: restricted[at] === true })
                .where(eq(tables.folders.id, id));
            }
            for (const [at, id] of flowIds.entries()) {
              const folderId = folderIds[placed[at] ?? -1] ?? null;
              await tx
                .update(tables.flows)
                .set({ isRestricted: restricted[at + 2] === true, folderId })
                .where(eq(tables.flows.id, id));
            }
            for (const { role: as, at } of given) {
              await tx.insert(tables.grants).values({
                id: `grant_${at}`.padEnd(38, '0'),
                orgId: org.orgId,
                thing: at < 2 ? 'folder' : 'flow',
                thingId: [...folderIds, ...flowIds][at] ?? '',
                grantee: grantee.kind,
                granteeId: grantee.id,
                role: as,
              });
            }
          });
          const caller = await findApiKeyCaller(api.db, key);
          if (!caller) throw new Error('The key is gone.');
          const reach = { caller, permission };
          const found = await withOrg(api.db, org.orgId, (tx) =>
            tx
              .select({ id: tables.flows.id })
              .from(tables.flows)
              .where(within(reach, 'flow', tables.flows.id)),
          );
          const expected = flowIds.filter((id, at) => {
            const folder = placed[at] ?? null;
            const guarded: Guarded = {
              thing: 'flow',
              id,
              isRestricted: restricted[at + 2] === true,
              folder:
                folder === null ? null : { id: folderIds[folder] ?? '', isRestricted: restricted[folder] === true },
            };
            return reaches(reach, guarded);
          });
          expect(found.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
          // Who reaches a flow is told by the same rules.
          const [first = ''] = flowIds;
          const { reachedBy } = (await admin(`GET /v1/flows/${first}/access`)).body;
          const sees = (
            await withOrg(api.db, org.orgId, (tx) =>
              tx
                .select({ id: tables.flows.id })
                .from(tables.flows)
                .where(
                  and(
                    eq(tables.flows.id, first),
                    within({ caller, permission: 'flows:read' }, 'flow', tables.flows.id),
                  ),
                ),
            )
          ).length;
          expect(reachedBy.filter((each: { holder: { id: string } }) => each.holder.id === grantee.id)).toHaveLength(
            sees,
          );
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);
});

import { notificationTerms } from '@everwave/schema/api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi, type TestOrg, signInWith } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;

beforeAll(async () => {
  api = await createTestApi();
});
beforeEach(async () => {
  org = await api.createOrg();
});
afterAll(() => api.close());

const path = '/v1/me/notifications';

describe('which mails a person gets', () => {
  it('is who is asked and who said so, until they decide; each decision has its time and the version of its words', async () => {
    const { call, email } = await org.signIn('operator');
    const undecided = { decidedAt: null, terms: null };
    expect((await call(`GET ${path}`)).body).toEqual({
      email,
      items: [
        { kind: 'approvals', isOn: true, ...undecided },
        { kind: 'failures', isOn: false, ...undecided },
      ],
    });
    const before = Date.now();
    const { status, body } = await call(`PATCH ${path}`, { failures: true });
    expect([status, body.items[0]]).toEqual([200, { kind: 'approvals', isOn: true, ...undecided }]);
    expect(body.items[1]).toMatchObject({ kind: 'failures', isOn: true, terms: notificationTerms });
    expect(Date.parse(body.items[1].decidedAt)).toBeGreaterThanOrEqual(before);
    await call(`PATCH ${path}`, { failures: false, approvals: false });
    const items = (await call(`GET ${path}`)).body.items;
    expect(items.map(({ isOn }: { isOn: boolean }) => isOn)).toEqual([false, false]);
  });

  it('stands in the audit log with what was before', async () => {
    const { call, userId } = await org.signIn('owner');
    await call(`PATCH ${path}`, { failures: true });
    const { items } = (await call('GET /v1/audit')).body;
    const [entry] = items.filter(({ action }: { action: string }) => action === 'user.notifications_set');
    expect(entry).toMatchObject({
      target: { kind: 'user', id: userId },
      changes: { failures: { before: false, after: true } },
    });
  });

  it('is decided for each organisation by itself', async () => {
    const person = await org.signIn('viewer');
    await person.call(`PATCH ${path}`, { approvals: false });
    const other = await api.createOrg('Other');
    await other.addMember(person.userId, 'viewer');
    const there = await signInWith(api.app, person);
    await there('PUT /v1/me/org', { orgId: other.orgId });
    expect((await there(`GET ${path}`)).body.items[0]).toMatchObject({ kind: 'approvals', isOn: true });
    expect((await person.call(`GET ${path}`)).body.items[0]).toMatchObject({ kind: 'approvals', isOn: false });
  });

  it('knows no kind for security, and no keys', async () => {
    const { call } = await org.signIn('viewer');
    const unknown = await call(`PATCH ${path}`, { security: false });
    expect([unknown.status, unknown.body.code]).toEqual([400, 'invalid_request']);
    expect((await (await org.as('owner'))(`GET ${path}`)).status).toBe(403);
  });
});

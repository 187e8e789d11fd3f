import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

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

describe('name and slug of an organisation', () => {
  it('are changed by its owners, and seen at once', async () => {
    const owner = await org.signIn('owner');
    const slug = `roasters-${org.orgId.slice(-8)}`;
    const answer = await owner.call('PATCH /v1/org', { name: 'Roasters', slug });
    expect([answer.status, answer.body]).toEqual([200, { id: org.orgId, name: 'Roasters', slug }]);
    expect((await owner.call('GET /v1/me')).body.org.name).toBe('Roasters');
    const admin = await org.signIn('admin');
    expect(await codeOf(admin.call('PATCH /v1/org', { name: 'Mine' }))).toEqual([403, 'not_allowed']);
    expect((await admin.call('GET /v1/org')).body.slug).toBe(slug);
    const [last] = (await owner.call('GET /v1/audit?action=org.updated')).body.items;
    expect(last).toMatchObject({
      action: 'org.updated',
      changes: { name: { before: 'Acme', after: 'Roasters' }, slug: { after: slug } },
    });
  });

  it('keep the slug apart from every other, and fit for an address', async () => {
    const owner = await org.signIn('owner');
    const other = await (await api.createOrg('Other')).signIn('owner');
    const slug = `taken-${org.orgId.slice(-8)}`;
    expect((await owner.call('PATCH /v1/org', { slug })).status).toBe(200);
    const refused = await other.call('PATCH /v1/org', { slug });
    expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([409, 'name_taken', 'slug']);
    for (const wrong of ['', '-a', 'a-', 'Ä', 'a b', 'A', 'a'.repeat(64)]) {
      expect(await codeOf(other.call('PATCH /v1/org', { slug: wrong }))).toEqual([400, 'invalid_request']);
    }
  });
});

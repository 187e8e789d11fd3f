import { withSystem } from '@everwave/schema/db';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualFlow } from './testing/graphs.ts';
import { type Ids, makeOneOfEverything } from './testing/one-of-everything.ts';
import { type Call, createTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let ids: Ids;
let intruder: Call;

beforeAll(async () => {
  api = await createTestApi();
  const theirs = await api.createOrg('Theirs');
  intruder = await (await api.createOrg('Intruder')).as('admin');
  ids = await makeOneOfEverything(api, theirs, 'Theirs');
});
afterAll(() => api.close());

describe("another org's things", () => {
  it.each([
    '/v1/flows',
    '/v1/runs',
    '/v1/connections',
    '/v1/deliveries',
    '/v1/dead-letters',
    '/v1/tags',
    '/v1/approvals?state=all',
    '/v1/events',
  ])('are in no list: %s', async (path) => {
    expect((await intruder(`GET ${path}`)).body.items).toEqual([]);
  });

  it('are found by no filter', async () => {
    expect((await intruder(`GET /v1/runs?flowId=${ids['flowId']}`)).body.items).toEqual([]);
    expect((await intruder(`GET /v1/runs?text=${ids['runId']}`)).body.items).toEqual([]);
    expect((await intruder(`GET /v1/deliveries?flowId=${ids['flowId']}`)).body.items).toEqual([]);
  });

  it('cannot be used in a flow: their connection is unknown here', async () => {
    const { id } = (await intruder('POST /v1/flows', { name: 'Mine', graph: manualFlow(ids['connectionId'] ?? '') }))
      .body;
    const answer = await intruder(`POST /v1/flows/${id}/publish`);
    expect([answer.status, answer.body.errors[0].code]).toEqual([422, 'unknown_connection']);
  });

  it('share no idempotency key and no connection name', async () => {
    const mine = (
      await intruder('POST /v1/connections', {
        name: 'Theirs',
        kind: 'example.token',
        settings: { baseUrl: 'https://api.example.com' },
        secret: { token: 'my-secret-token' },
      })
    ).status;
    expect(mine).toBe(201);
  });
});

describe('the second wall, for whoever asks Postgres without naming an org', () => {
  /** Tables of no one org, each with the reason why a row of it belongs to nobody or to several. */
  const shared: Readonly<Record<string, string>> = {
    users: 'A person may belong to several orgs.',
    sessions: 'Of a person.',
    accounts: 'Of a person: the hash of their password.',
    verifications: 'Of a person who is not yet known.',
    organizations: 'The orgs themselves.',
    members: 'Read to find out which org a caller works in.',
    invitations: 'Read by whoever was invited, before they belong to an org.',
    api_keys: 'Read to find out which org a key belongs to.',
    setup_tokens: 'Of the installation.',
    key_checks: 'Of the installation.',
    one_time_links: 'To people, of whom some belong to no org yet; only a hash of the link.',
    sign_in_challenges: 'Of a person between their password and their second factor.',
    second_factors: 'Of a person; the secret is sealed.',
    recovery_codes: 'Of a person; only hashes.',
    refresh_tokens: 'Of a person; only hashes.',
    restores: 'Of the installation.',
    mails: 'To people, of whom some belong to no org yet; the content is sealed.',
    rate_budgets: 'Counts under hashes, of people and addresses.',
  };

  it('every table that the catalog names shows no row, though there are some', async () => {
    const found = await withSystem(api.db, (tx) =>
      tx.execute(sql`
        select t.relname as name, t.relrowsecurity as guarded,
          exists (select from pg_policies p where p.tablename = t.relname) as "hasPolicy",
          exists (select from information_schema.columns c where c.table_name = t.relname and c.column_name = 'org_id') as "hasOrg"
        from pg_class t where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p')`),
    );
    const guarded = found.filter(({ hasOrg }) => hasOrg === true);
    // What has no org stands in the list above, or is a table that somebody forgot to guard.
    const others = found.filter(({ hasOrg }) => hasOrg !== true).map(({ name }) => String(name));
    expect(others.filter((name) => !Object.hasOwn(shared, name))).toEqual([]);
    expect(guarded.length).toBeGreaterThanOrEqual(35);
    let filled = 0;
    for (const { name, guarded: isGuarded, hasPolicy } of guarded) {
      expect([name, isGuarded, hasPolicy]).toEqual([name, true, true]);
      const count = sql`select count(*)::int as rows from ${sql.identifier(String(name))}`;
      const [none] = await api.db.execute(count);
      const [all] = await withSystem(api.db, (tx) => tx.execute(count));
      expect([name, none?.['rows']]).toEqual([name, 0]);
      if (Number(all?.['rows']) > 0) filled += 1;
    }
    expect(filled).toBeGreaterThanOrEqual(15);
  });
});

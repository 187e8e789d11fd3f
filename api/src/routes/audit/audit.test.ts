import postgres from 'postgres';
import { auditEventSchema } from '@everwave/schema/api';
import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newApiKey } from '../../auth/api-keys.ts';
import { firstOrg, notedPerAddress } from '../../services/audit/note-refusal.ts';
import { webhookFlow } from '../../testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg, webUrl } from '../../testing/test-api.ts';

let api: TestApi;
let owner: postgres.Sql;
let org: TestOrg;
let admin: Call;
beforeAll(async () => {
  api = await createTestApi({ limits: { signInsPerMinute: 1_000, anonymousPerMinute: 10_000 } });
  owner = postgres(api.databaseUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
  await api.close();
});
beforeEach(async () => {
  org = await api.createOrg();
  admin = await org.as('admin');
});

const makeEntries = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    await withOrg(api.db, org.orgId, (tx) =>
      tx.insert(tables.auditEvents).values({
        orgId: org.orgId,
        actorKind: 'user',
        actorId: 'u1',
        actorName: index % 2 === 0 ? 'Ada' : '=Grace',
        action: index % 2 === 0 ? 'flow.published' : 'api_key.created',
        targetKind: 'flow',
        targetId: `flow_${index}`,
        targetName: `Orders ${index}`,
        details: { version: index },
      }),
    );
  }
};

/** As someone does it who owns the database and knows of the trigger. */
const tamper = async (change: (sql: postgres.TransactionSql) => Promise<unknown>): Promise<void> => {
  await owner.begin(async (sql) => {
    await sql`alter table audit_events disable trigger user`;
    await change(sql);
    await sql`alter table audit_events enable trigger user`;
  });
};

const verify = async () => (await admin('GET /v1/audit/verify')).body;

describe('the chain is checked', () => {
  beforeEach(() => makeEntries(6));

  it('and is whole as it was written', async () => {
    const found = await verify();
    expect(found).toMatchObject({ isWhole: true, entries: 6, broken: null, head: { number: 6 } });
    expect(found.head.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(['actor_name', 'action', 'target_id', 'request_id', 'address'])(
    'and finds an entry whose %s was changed',
    async (column) => {
      await tamper(
        (sql) => sql`update audit_events set ${sql(column)} = 'other' where org_id = ${org.orgId} and number = 3`,
      );
      expect(await verify()).toMatchObject({ isWhole: false, entries: 2, broken: { number: 3, reason: 'changed' } });
    },
  );

  it('and finds an entry whose details or time were changed', async () => {
    await tamper(
      (sql) =>
        sql`update audit_events set created_at = now() - interval '1 day' where org_id = ${org.orgId} and number = 5`,
    );
    expect((await verify()).broken).toMatchObject({ number: 5, reason: 'changed' });
    await tamper((sql) => sql`update audit_events set details = '{}' where org_id = ${org.orgId} and number = 2`);
    expect((await verify()).broken).toMatchObject({ number: 2, reason: 'changed' });
  });

  it('and finds an entry that was changed together with its hash', async () => {
    await tamper(async (sql) => {
      await sql`update audit_events set actor_name = 'other' where org_id = ${org.orgId} and number = 3`;
      await sql`update audit_events set hash = audit_hash(audit_events) where org_id = ${org.orgId} and number = 3`;
    });
    expect((await verify()).broken).toMatchObject({ number: 4, reason: 'moved' });
  });

  it.each([1, 3, 6])('and finds that entry %d is gone', async (number) => {
    await tamper((sql) => sql`delete from audit_events where org_id = ${org.orgId} and number = ${number}`);
    expect((await verify()).broken).toMatchObject({ number, reason: 'missing' });
  });

  it('and finds two that changed places', async () => {
    await tamper(async (sql) => {
      await sql`update audit_events set number = 100 where org_id = ${org.orgId} and number = 3`;
      await sql`update audit_events set number = 3 where org_id = ${org.orgId} and number = 4`;
      await sql`update audit_events set number = 4 where org_id = ${org.orgId} and number = 100`;
    });
    expect((await verify()).broken).toMatchObject({ number: 3, reason: 'changed' });
  });

  it('and finds a last entry that was rewritten with its hash, and one that was slipped in without a place', async () => {
    await tamper(async (sql) => {
      await sql`update audit_events set actor_name = 'other' where org_id = ${org.orgId} and number = 6`;
      await sql`update audit_events set hash = audit_hash(audit_events) where org_id = ${org.orgId} and number = 6`;
    });
    expect((await verify()).broken).toMatchObject({ number: 6, reason: 'changed' });
    org = await api.createOrg();
    admin = await org.as('admin');
    await tamper(
      (sql) => sql`insert into audit_events (org_id, actor_id, actor_name, action, target_kind, target_id)
      values (${org.orgId}, 'u', 'U', 'flow.created', 'flow', 'f')`,
    );
    expect((await verify()).broken).toMatchObject({ number: 1, reason: 'unchained' });
  });
});

describe('the list', () => {
  it('has the newest first, page by page, and each entry once', async () => {
    await makeEntries(7);
    const numbers: number[] = [];
    let cursor = '';
    do {
      const { body } = await admin(`GET /v1/audit?limit=3${cursor && `&cursor=${cursor}`}`);
      numbers.push(...body.items.map(({ number }: { number: number }) => number));
      cursor = body.nextCursor ?? '';
    } while (cursor !== '');
    expect(numbers).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it.each([
    ['actor=ada', [5, 3, 1]],
    ['actor=u1', [6, 5, 4, 3, 2, 1]],
    ['action=flow', [5, 3, 1]],
    ['action=api_key.created&action=flow.published&target=orders%203', [4]],
    ['action=apixkey', []],
    ['target=flow_2', [3]],
    ['actor=%25', []],
    ['from=2000-01-01T00:00:00Z&until=2000-02-01T00:00:00Z', []],
    ['from=2000-01-01T00:00:00Z', [6, 5, 4, 3, 2, 1]],
  ])('with %s has %j', async (query, expected) => {
    await makeEntries(6);
    const { body } = await admin(`GET /v1/audit?${query}`);
    expect(body.items.map(({ number }: { number: number }) => number)).toEqual(expected);
  });

  it('says what a change was, from where and by whom', async () => {
    const developer = await org.as('developer');
    const { body: flow } = await developer('POST /v1/flows', { name: 'Orders', graph: webhookFlow() });
    await developer(`PATCH /v1/flows/${flow.id}`, { name: 'Orders of the shop' }, { 'user-agent': 'test/1' });
    const { body } = await admin('GET /v1/audit?action=flow.updated');
    expect(body.items).toMatchObject([
      {
        actor: { kind: 'apiKey', name: 'developer key' },
        target: { kind: 'flow', id: flow.id, name: 'Orders of the shop' },
        changes: { name: { before: 'Orders', after: 'Orders of the shop' } },
        userAgent: 'test/1',
        address: 'unknown',
      },
    ]);
  });

  it('is of its own org alone, and for those who may read it', async () => {
    await makeEntries(2);
    const other = await (await api.createOrg()).as('owner');
    expect((await other('GET /v1/audit')).body.items).toEqual([]);
    for (const path of ['', '/verify', '/export', '/overview']) {
      expect((await (await org.as('developer'))(`GET /v1/audit${path}`)).status).toBe(403);
    }
  });
});

describe('an export', () => {
  it('holds every entry of more than one page, the oldest first, and is an entry itself', async () => {
    const rows = Array.from({ length: 1_203 }, (_, index) => ({
      orgId: org.orgId,
      actorId: 'u1',
      actorName: 'Ada',
      action: 'flow.activated',
      targetKind: 'flow',
      targetId: `flow_${index}`,
    }));
    await withOrg(api.db, org.orgId, (tx) => tx.insert(tables.auditEvents).values(rows));
    const answer = await admin('GET /v1/audit/export');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const entries = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => auditEventSchema.parse(JSON.parse(line)));
    expect(entries.map(({ number }) => number)).toEqual(Array.from({ length: 1_204 }, (_, index) => index + 1));
    expect(entries.at(-1)).toMatchObject({ action: 'audit.exported', details: { format: 'jsonl' } });
  });

  it('as CSV has no formula in any cell, and follows the filter', async () => {
    await makeEntries(4);
    const answer = await admin('GET /v1/audit/export?format=csv&actor=grace');
    expect(answer.headers.get('content-disposition')).toContain('audit.csv');
    const [head, ...lines] = answer.text.trimEnd().split('\r\n');
    expect(head).toMatch(/^number,at,what,/);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toContain(`"'=Grace"`);
      expect(line).not.toMatch(/(^|,)"?[=+\-@]/);
    }
  });
});

describe('what was refused', () => {
  const signIn = (email: string, password: string) =>
    callWith(api.app, { origin: webUrl })('POST /auth/sign-in/email', { email, password });

  it('stands in the log: a wrong password, and a missing permission', async () => {
    const { email, userId } = await org.addPerson('viewer');
    expect((await signIn(email, 'not the password')).status).toBe(401);
    const viewer = await org.as('viewer');
    expect((await viewer('POST /v1/flows', { name: 'No' })).status).toBe(403);
    const { body } = await admin('GET /v1/audit');
    expect(body.items).toMatchObject([
      { action: 'access.refused', target: { id: 'POST /v1/flows' }, details: { permission: 'flows:write' } },
      { action: 'sign_in.failed', actor: { kind: 'anonymous' }, target: { kind: 'user', id: userId } },
    ]);
    const overview = (await admin('GET /v1/audit/overview')).body;
    expect(overview.days).toHaveLength(30);
    expect(overview.days.at(-1)).toMatchObject({ failedSignIns: 1, refusals: 1 });
  });

  const withKey = (key: string) => callWith(api.app, { authorization: `Bearer ${key}` });
  const refusedKeys = async (orgId: string) =>
    withSystem(api.db, (tx) =>
      tx
        .select()
        .from(tables.auditEvents)
        .where(and(eq(tables.auditEvents.orgId, orgId), eq(tables.auditEvents.action, 'api_key.refused'))),
    );

  it('with an expired key stands in the log of its org, once an hour however many come', async () => {
    const { id, key } = (await admin('POST /v1/api-keys', { name: 'Nightly', expiresInDays: 1 })).body;
    const { apiKeys, rateBudgets } = tables;
    await withSystem(api.db, (tx) =>
      tx
        .update(apiKeys)
        .set({ expiresAt: new Date(0) })
        .where(eq(apiKeys.id, id)),
    );
    const statuses = await Promise.all(
      Array.from({ length: 50 }, async () => (await withKey(key)('GET /v1/flows')).status),
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    const [entry, ...more] = await refusedKeys(org.orgId);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      actorKind: 'anonymous',
      targetId: id,
      targetName: 'Nightly',
      details: { reason: 'expired' },
    });
    expect(JSON.stringify(entry)).not.toContain(key);
    expect((await admin('GET /v1/audit/overview')).body.days.at(-1).refusals).toBe(1);
    await withSystem(api.db, (tx) => tx.update(rateBudgets).set({ endsAt: new Date(0) }));
    await withKey(key)('GET /v1/flows');
    expect(await refusedKeys(org.orgId)).toHaveLength(2);
  });

  it('with a key of a service account that is switched off says so', async () => {
    const account = (await admin('POST /v1/service-accounts', { name: 'Importer', role: 'viewer' })).body;
    const { key } = (await admin('POST /v1/api-keys', { name: 'Import', serviceAccountId: account.id })).body;
    await admin(`PATCH /v1/service-accounts/${account.id}`, { isDisabled: true });
    expect((await withKey(key)('GET /v1/flows')).status).toBe(401);
    const reason = 'of a service account that is switched off';
    expect(await refusedKeys(org.orgId)).toMatchObject([{ details: { reason } }]);
  });

  it('with a key that nobody has (any longer) stands in the log of the first org, with its first letters', async () => {
    const first = await withSystem(api.db, (tx) => firstOrg(tx));
    await withSystem(api.db, (tx) => tx.delete(tables.rateBudgets));
    const { id, key } = (await admin('POST /v1/api-keys', { name: 'Old' })).body;
    await admin(`DELETE /v1/api-keys/${id}`);
    for (const wrong of [key, key, newApiKey().key, 'a-password-in-the-wrong-place'])
      await withKey(wrong)('GET /v1/me');
    const entries = await refusedKeys(first[0] ?? '');
    const start = key.slice(0, 7);
    expect(entries).toMatchObject([
      { targetId: 'unknown', targetName: start, details: { reason: 'unknown or revoked' } },
    ]);
    const [revoked] = (await admin('GET /v1/audit?action=api_key.revoked')).body.items;
    expect(revoked.details).toEqual({ start });
  });

  it('of an account that is not there stands in the log of the first org, without what was typed', async () => {
    await signIn('my-password-in-the-wrong-field@example.org', 'whatever it was');
    const found = await withSystem(api.db, (tx) => tx.select().from(tables.auditEvents));
    const unknown = found.filter(({ action, targetId }) => action === 'sign_in.failed' && targetId === 'unknown');
    expect(unknown).toHaveLength(1);
    expect(JSON.stringify(unknown)).not.toContain('my-password');
  });

  it('is noted only so often for one address, and refused all the same', async () => {
    const viewer = await org.as('viewer');
    const statuses = [];
    for (let count = 0; count < notedPerAddress.points + 5; count += 1) {
      statuses.push((await viewer('POST /v1/flows', { name: 'No' })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([403]));
    const { body } = await admin('GET /v1/audit?action=access&limit=100');
    expect(body.items.length).toBeLessThanOrEqual(notedPerAddress.points);
    expect(body.items.length).toBeGreaterThan(0);
  });
});

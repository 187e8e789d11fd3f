import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../scripts/testing/test-database.ts';
import { createDatabase, type Database, tables, type Transaction, withOrg } from './index.ts';

let database: TestDatabase;
let db: Database;
let owner: postgres.Sql;
beforeAll(async () => {
  database = await createTestDatabase();
  db = createDatabase({ url: database.url, applicationName: 'test', max: 20 });
  owner = postgres(database.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await db.$client.end({ timeout: 5 });
  await owner.end();
  await database.close();
});

const newOrg = () => `org_${randomUUIDv7()}`;

const write = (tx: Transaction, orgId: string, targetId: string) =>
  tx.insert(tables.auditEvents).values({
    orgId,
    actorKind: 'user',
    actorId: 'u1',
    actorName: 'Ada “the first”\n',
    action: 'flow.updated',
    targetKind: 'flow',
    targetId,
    details: { z: 1, a: { b: 1.5, ä: '\u2028' } },
    changes: { name: { before: 'Old', after: 'Näw 🌊' } },
  });

const chainOf = (orgId: string) => owner<
  { number: string; target_id: string; previous_hash: string; hash: string; fits: boolean }[]
>`
  select number, target_id, previous_hash, hash, hash = audit_hash(audit_events) as fits
  from audit_events where org_id = ${orgId} order by number`;

const isGapless = (rows: Awaited<ReturnType<typeof chainOf>>) =>
  rows.every(
    (row, index) =>
      row.fits && Number(row.number) === index + 1 && row.previous_hash === (index === 0 ? '' : rows[index - 1]?.hash),
  );

describe('the chain of the audit log', () => {
  it('numbers 50 changes at once without a gap, each after the one before, and locks nobody out', async () => {
    const orgId = newOrg();
    await owner`create table public.pairs (id text primary key)`;
    await owner`insert into public.pairs values ('left')`;
    await owner`grant all on public.pairs to everwave_app`;
    // Half of them lock a row of their own after the entry was written: with the head locked at once this would be a deadlock.
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        withOrg(db, orgId, async (tx) => {
          const lock = () => tx.execute(sql`select from pairs where id = 'left' for update`);
          if (index % 2 === 0) await lock();
          await write(tx, orgId, String(index));
          if (index % 2 === 1) await lock();
        }),
      ),
    );
    const rows = await chainOf(orgId);
    expect(rows).toHaveLength(50);
    expect(isGapless(rows)).toBe(true);
    expect(new Set(rows.map((row) => row.target_id)).size).toBe(50);
    const [head] = await owner`select number, hash from audit_heads where org_id = ${orgId}`;
    expect(head).toEqual({ number: '50', hash: rows[49]?.hash });
  });

  it('leaves no gap where a transaction is rolled back, and keeps the order inside one', async () => {
    const orgId = newOrg();
    await withOrg(db, orgId, (tx) => write(tx, orgId, 'first'));
    const broken = withOrg(db, orgId, async (tx) => {
      await write(tx, orgId, 'never');
      throw new Error('given up');
    });
    await expect(broken).rejects.toThrow('given up');
    await withOrg(db, orgId, async (tx) => {
      await write(tx, orgId, 'second');
      await write(tx, orgId, 'third');
    });
    const rows = await chainOf(orgId);
    expect(rows.map((row) => row.target_id)).toEqual(['first', 'second', 'third']);
    expect(isGapless(rows)).toBe(true);
  });

  it('gives nobody a place of their choice', async () => {
    const orgId = newOrg();
    const entry = { orgId, actorId: 'u', actorName: 'U', action: 'a.b', targetKind: 't', targetId: 't' };
    for (const chosen of [{ number: 7 }, { hash: 'x' }, { previousHash: 'x' }]) {
      const forged = withOrg(db, orgId, (tx) => tx.insert(tables.auditEvents).values({ ...entry, ...chosen }));
      await expect(forged).rejects.toMatchObject({ cause: { code: '42501' } });
    }
    for (const statement of [
      `update audit_heads set number = 1`,
      `insert into audit_heads values ('${orgId}', 1, 'x')`,
      `delete from audit_heads`,
      `select chain_audit_event(audit_events) from audit_events`,
    ]) {
      const asApp = withOrg(db, orgId, (tx) => tx.execute(sql.raw(statement)));
      await expect(asApp).rejects.toMatchObject({ cause: { code: '42501' } });
    }
    await expect(owner`truncate audit_events`).rejects.toThrow(/append-only/);
  });

  it('hides the chain of another org', async () => {
    const [orgId, other] = [newOrg(), newOrg()];
    await withOrg(db, orgId, (tx) => write(tx, orgId, 'own'));
    const seen = await withOrg(db, other, (tx) => tx.select().from(tables.auditHeads));
    expect(seen).toEqual([]);
  });
});

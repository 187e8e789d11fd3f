import { withSystem } from '@everwave/schema/db';
import { sql } from 'drizzle-orm';
import type { TestApi } from '../test-api.ts';

/** A digest of every row that an org has, in every table, so that one changed cell is seen. */
export const createSnapshot = async (api: TestApi, orgId: string): Promise<() => Promise<string>> => {
  const found = await withSystem(api.db, (tx) =>
    tx.execute(sql`
      select table_name as name, column_name as "column" from information_schema.columns
      where table_schema = 'public' and column_name in ('org_id', 'organization_id')
      order by table_name`),
  );
  const rows = found.map(
    ({ name, column }) =>
      sql`select ${String(name)}::text as name, md5(string_agg(t::text, '|' order by t::text)) as rows
        from ${sql.identifier(String(name))} t where ${sql.identifier(String(column))} = ${orgId}`,
  );
  const people = sql`select 'sessions' as name, md5(string_agg(s::text, '|' order by s::text)) as rows
    from sessions s join members m on m.user_id = s.user_id where m.organization_id = ${orgId}`;
  const statement = sql.join([...rows, people], sql` union all `);
  return () => withSystem(api.db, async (tx) => JSON.stringify(await tx.execute(statement)));
};

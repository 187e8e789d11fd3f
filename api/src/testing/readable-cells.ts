import { type Database, tables, withSystem } from '@everwave/schema/db';
import { getTableName, is, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';

/** Every cell of every table, bytes as hexadecimal digits and as text. */
export const readableCells = async (db: Database): Promise<string> => {
  const names = Object.values(tables)
    .filter((table) => is(table, PgTable))
    .map((table) => getTableName(table));
  const rows = await withSystem(db, (tx) =>
    Promise.all(names.map((name) => tx.execute(sql`select to_jsonb(t)::text as row from ${sql.identifier(name)} t`))),
  );
  const text = rows.flat().map((row) => String(row['row']));
  const bytes = text.flatMap((row) =>
    [...row.matchAll(/\\\\x([0-9a-f]+)/g)].map(([, hex]) => Buffer.from(hex ?? '', 'hex').toString('latin1')),
  );
  return [...text, ...bytes].join('\n');
};

import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import { Refusal } from '../lib/refusal.ts';
import type { Closing, TableEntry } from './archive-contents.ts';

/** Tables being filled, in one transaction: everything appears at once, or nothing does. */
export interface Loading {
  /** Fills one table, which is empty. */
  readonly load: (table: TableEntry, content: AsyncIterable<Buffer>) => Promise<void>;
  /** Compares with what was counted when the backup was made. */
  readonly checkRows: (table: TableEntry, closing: Closing) => Promise<void>;
}

/**
 * Fills the tables of a database that was just migrated. Triggers of ours rest meanwhile: nobody waits for news of old
 * runs. Afterwards numbers that count up go on behind the highest one.
 */
export const loadDatabase = async (url: string, work: (loading: Loading) => Promise<void>): Promise<void> => {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: 'everwave-restore', search_path: 'public' },
  });
  try {
    await sql.begin(async (tx) => {
      const loaded: TableEntry[] = [];
      await work({
        load: async (table, content) => {
          await checkColumns(tx, table);
          await tx`alter table ${tx(table.name)} disable trigger user`;
          // A migration may bring rows of its own; those of the backup take their place.
          await tx`delete from ${tx(table.name)}`;
          const target = await tx`copy ${tx(table.name)} (${tx(table.columns)}) from stdin`.writable();
          await pipeline(content, target);
          loaded.push(table);
        },
        checkRows: async ({ name }, { lines }) => {
          const [row] = await tx`select count(*)::float8 as rows from ${tx(name)}`;
          if (row?.['rows'] === lines) return;
          throw new Refusal(`The table ${name} has ${row?.['rows']} rows after the restore, and the backup ${lines}.`);
        },
      });
      for (const { name } of loaded) {
        await tx`alter table ${tx(name)} enable trigger user`;
        await setSequences(tx, name);
      }
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
};

const checkColumns = async (tx: postgres.TransactionSql, { name, columns }: TableEntry): Promise<void> => {
  const rows = await tx`
    select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${name} and is_generated = 'NEVER'`;
  const found = new Set(rows.map((row) => row['name'] as string));
  const missing = columns.filter((column) => !found.has(column));
  if (missing.length === 0) return;
  throw new Refusal(
    `The backup holds ${name}.${missing.join(`, ${name}.`)}, which this release does not know at that stage. Restore it with the release that made it.`,
  );
};

const setSequences = async (tx: postgres.TransactionSql, table: string): Promise<void> => {
  const columns = await tx`
    select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table}
      and pg_get_serial_sequence(quote_ident(table_name), column_name) is not null`;
  for (const row of columns) {
    const column = String(row['name']);
    await tx`
      select setval(pg_get_serial_sequence(quote_ident(${table}), ${column}),
        (select coalesce(max(${tx(column)}), 0) + 1 from ${tx(table)}), false)`;
  }
};

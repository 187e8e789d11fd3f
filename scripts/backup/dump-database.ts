import type { Readable } from 'node:stream';
import postgres from 'postgres';
import { Refusal } from '../lib/refusal.ts';
import type { Contents, TableEntry } from './archive-contents.ts';

/** A database as it was at one moment, for as long as it is open. Writers are not held up. */
export interface Snapshot {
  /** When it was taken, by the database's clock. */
  readonly takenAt: string;
  readonly migrations: Contents['migrations'];
  readonly masterKeyIds: readonly string[];
  /** In an order in which a table comes after those it refers to. */
  readonly tables: readonly TableEntry[];
  /** A table's rows as COPY's text format. */
  readonly read: (table: TableEntry) => Promise<AsyncIterable<Buffer>>;
}

/** Calls `work` with a snapshot of the database: one repeatable-read transaction that reads alone. */
export const withSnapshot = async <T>(url: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T> => {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    // Off: rows that a policy hides from this user are an error, not missing.
    connection: { application_name: 'everwave-backup', search_path: 'public', row_security: 'off' },
  });
  try {
    return (await sql.begin('isolation level repeatable read read only', async (tx) =>
      work({
        ...(await describe(tx)),
        read: async ({ name, columns }) => toEnd(await tx`copy ${tx(name)} (${tx(columns)}) to stdout`.readable()),
      }),
    )) as T;
  } catch (error) {
    throw explain(error);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

const notAllowed = '42501';

const explain = (error: unknown): unknown => {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== notAllowed) return error;
  return new Refusal(
    `The user in DATABASE_URL may not read every row (${message}), so the backup would not be whole. Make it as the owner of the database.`,
    { cause: error },
  );
};

/**
 * The driver pauses its socket when the reader is slower, and resumes it when the stream asks for more. A stream that has
 * ended asks no more, and what the server says after the last row would never be read.
 */
async function* toEnd(rows: Readable): AsyncGenerator<Buffer> {
  yield* rows as AsyncIterable<Buffer>;
  rows._read(0);
}

const describe = async (tx: postgres.TransactionSql): Promise<Omit<Snapshot, 'read'>> => {
  const [moment] = await tx`select clock_timestamp() as now`;
  const migrations = await tx`select hash, created_at::float8 as created_at from everwave.migrations order by id`;
  const keys = await tx`select distinct master_key_id as id from org_keys order by 1`;
  return {
    takenAt: new Date(moment?.['now'] as string | Date).toISOString(),
    migrations: migrations.map((row) => ({ hash: String(row['hash']), createdAt: Number(row['created_at']) })),
    masterKeyIds: keys.map((row) => String(row['id'])),
    tables: inOrder(await readTables(tx), await readReferences(tx)),
  };
};

const readTables = async (tx: postgres.TransactionSql): Promise<TableEntry[]> => {
  const rows = await tx`
    select t.relname as name, array_agg(c.attname order by c.attnum)::text[] as columns
    from pg_class t
    join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped and c.attgenerated = ''
    where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p') and not t.relispartition
    group by t.relname order by t.relname`;
  return rows.map((row) => ({ kind: 'table', name: String(row['name']), columns: row['columns'] as string[] }));
};

interface Reference {
  readonly from: string;
  readonly to: string;
}

const readReferences = async (tx: postgres.TransactionSql): Promise<Reference[]> => {
  const rows = await tx`
    select distinct f.relname as from, t.relname as to
    from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
    where k.contype = 'f' and k.connamespace = 'public'::regnamespace and f.oid <> t.oid`;
  return rows.map((row) => ({ from: String(row['from']), to: String(row['to']) }));
};

/** Tables that refer to each other in a circle come last, in the order of their names: nothing of ours does. */
const inOrder = (tables: readonly TableEntry[], references: readonly Reference[]): TableEntry[] => {
  const ordered: TableEntry[] = [];
  const isPlaced = (name: string) => ordered.some((table) => table.name === name);
  for (let left = [...tables]; left.length > 0; left = left.filter(({ name }) => !isPlaced(name))) {
    const ready = left.filter(({ name }) => references.every(({ from, to }) => from !== name || isPlaced(to)));
    ordered.push(...(ready.length > 0 ? ready : left));
  }
  return ordered;
};

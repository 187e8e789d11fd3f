import { existsSync, mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import postgres from 'postgres';
import { Refusal } from '../lib/refusal.ts';
import { type Part, pathsOf, readMark } from './restore-mark.ts';

/** A data folder counts as empty when nothing of it would be lost. What an interrupted restore has made is its own. */
export const checkFolder = (dataFolder: string, parts: readonly Part[], force: boolean): void => {
  if (force) return;
  const made = readMark(dataFolder);
  const found = parts
    .filter((part) => part !== 'access' && !made.includes(part))
    .flatMap((part) => pathsOf(dataFolder, part))
    .find((path) => existsSync(path));
  if (!found) return;
  throw new Refusal(
    `The data folder ${dataFolder} holds an installation (${basename(found)}). Set EVERWAVE_DATA to an empty folder, or give --force: what is there is then moved aside, not deleted.`,
  );
};

/** Moves paths into a folder beside each. Returns these folders, and what takes it back. */
export const moveFolderAside = (
  paths: readonly string[],
  mark: string,
): { readonly names: readonly string[]; readonly undo: () => void } => {
  const moved = paths
    .filter((path) => existsSync(path))
    .map((path) => ({ path, folder: join(dirname(path), `replaced-${mark}`) }));
  for (const { path, folder } of moved) {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    renameSync(path, join(folder, basename(path)));
  }
  const names = [...new Set(moved.map(({ folder }) => folder))];
  return {
    names,
    undo: () => {
      for (const { path, folder } of moved) renameSync(join(folder, basename(path)), path);
      for (const folder of names) rmdirSync(folder);
    },
  };
};

/** Refuses a database that is in use, and one that holds an organisation unless `force`. */
export const checkDatabase = async (url: string, force: boolean): Promise<void> => {
  await asOwner(url, async (sql) => {
    const users = await sql`
      select distinct application_name as name from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name like 'everwave-%'`;
    if (users.length > 0) {
      const names = users.map((row) => String(row['name']).replace('everwave-', '')).join(', ');
      throw new Refusal(`Everwave runs on this database (${names}). Stop api and workers first.`);
    }
    if (force || !(await hasOrganization(sql))) return;
    throw new Refusal(
      'The database in DATABASE_URL holds an organisation. Name an empty database, or give --force: what is there is then kept under another schema, not deleted.',
    );
  });
};

const hasOrganization = async (sql: postgres.Sql): Promise<boolean> => {
  const [table] = await sql`select to_regclass('public.organizations') as name`;
  if (!table?.['name']) return false;
  const rows = await sql`select 1 from public.organizations limit 1`;
  return rows.length > 0;
};

const schemas = ['public', 'everwave'] as const;

/** Gives the schemas of a database other names and makes an empty one. Returns what takes it back, or drops the new one. */
export const moveDatabaseAside = async (
  url: string,
  mark: string,
): Promise<{ readonly names: string[]; undo(): Promise<void> }> => {
  const aside = (schema: string) => `${schema}_replaced_${mark.replaceAll('-', '_').toLowerCase()}`;
  const moved: string[] = [];
  await asOwner(url, (sql) =>
    sql.begin(async (tx) => {
      if (await isEmpty(tx)) return;
      for (const schema of schemas) {
        const [found] = await tx`select 1 from pg_namespace where nspname = ${schema}`;
        if (!found) continue;
        await tx`alter schema ${tx(schema)} rename to ${tx(aside(schema))}`;
        moved.push(schema);
      }
      await tx`create schema public`;
    }),
  );
  return {
    names: moved.map(aside),
    undo: () =>
      asOwner(url, (sql) =>
        sql.begin(async (tx) => {
          for (const schema of schemas) await tx`drop schema if exists ${tx(schema)} cascade`;
          for (const schema of moved) await tx`alter schema ${tx(aside(schema))} rename to ${tx(schema)}`;
          if (!moved.includes('public')) await tx`create schema public`;
        }),
      ).then(() => undefined),
  };
};

const isEmpty = async (tx: postgres.TransactionSql): Promise<boolean> => {
  const found = await tx`
    select 1 from pg_class where relnamespace = 'public'::regnamespace
    union all select 1 from pg_namespace where nspname = 'everwave' limit 1`;
  return found.length === 0;
};

const asOwner = async <T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'restore' } });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import { appRole, createDatabase } from './client.ts';
import { withLock } from './lock.ts';

const folder = fileURLToPath(new URL('./migrations', import.meta.url));
const journalFile = 'meta/_journal.json';
const journal = JSON.parse(readFileSync(join(folder, journalFile), 'utf8')) as { entries: { tag: string }[] };

/** How many migrations this release knows. */
export const schemaVersion = journal.entries.length;

/** Any number that no other program uses on this database: two processes never migrate at once. */
const migrationLock = 0x45564552;

export interface MigrationReport {
  /** Migrations applied by this call. */
  readonly applied: number;
  readonly version: number;
}

export interface MigrateOptions {
  /** Stops after this many migrations: where an earlier release was. All by default. */
  readonly upTo?: number;
}

/**
 * Brings a database to this release's schema, under a lock, and gives the app role its rights. Idempotent, and all or
 * nothing: a migration that fails leaves the database as it was. Throws when it was migrated by a newer release.
 */
export const migrate = (url: string, { upTo = schemaVersion }: MigrateOptions = {}): Promise<MigrationReport> =>
  withLock(url, migrationLock, () => migrateUnderLock(url, upTo));

/** A migration as the database remembers it: the hash of its statements, and when it was written (Unix ms). */
export interface KnownMigration {
  readonly hash: string;
  readonly createdAt: number;
}

/** Every migration of this release, oldest first. */
export const knownMigrations = (): readonly KnownMigration[] =>
  readMigrationFiles({ migrationsFolder: folder }).map(({ hash, folderMillis }) => ({ hash, createdAt: folderMillis }));

/** How many migrations a database has had; 0 when it is not one of ours. */
export const countMigrations = async (url: string): Promise<number> => {
  const db = createDatabase({ url, applicationName: 'everwave-migrate', max: 1, role: 'owner' });
  try {
    return await appliedMigrations(db);
  } finally {
    await db.$client.end({ timeout: 5 });
  }
};

const migrateUnderLock = async (url: string, upTo: number): Promise<MigrationReport> => {
  const db = createDatabase({ url, applicationName: 'everwave-migrate', max: 1, role: 'owner' });
  try {
    const before = await appliedMigrations(db);
    if (before > schemaVersion) {
      throw new Error(
        `This database was migrated by a newer Everwave (${before} migrations, this release knows ${schemaVersion}). Start the newer release, or restore a backup made before the upgrade.`,
      );
    }
    await withFolder(upTo, (migrationsFolder) =>
      runMigrations(db, { migrationsFolder, migrationsSchema: 'everwave', migrationsTable: 'migrations' }),
    );
    await grantAppRole(db);
    const version = Math.max(before, upTo);
    return { applied: version - before, version };
  } finally {
    await db.$client.end({ timeout: 5 });
  }
};

/** A folder with the first migrations, as an earlier release shipped it. */
const withFolder = async (count: number, work: (folder: string) => Promise<void>): Promise<void> => {
  if (count >= schemaVersion) return work(folder);
  const copy = mkdtempSync(join(tmpdir(), 'everwave-migrations-'));
  try {
    const entries = journal.entries.slice(0, count);
    mkdirSync(join(copy, 'meta'));
    writeFileSync(join(copy, journalFile), JSON.stringify({ ...journal, entries }));
    for (const { tag } of entries) copyFileSync(join(folder, `${tag}.sql`), join(copy, `${tag}.sql`));
    return await work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

type Owner = ReturnType<typeof createDatabase>;

const appliedMigrations = async (db: Owner): Promise<number> => {
  const [table] = await db.execute(sql`select to_regclass('everwave.migrations') as name`);
  if (!table?.['name']) return 0;
  const [row] = await db.execute(sql`select count(*)::int as count from everwave.migrations`);
  return Number(row?.['count'] ?? 0);
};

/** The app role owns nothing, is no superuser and does not bypass row-level security. */
const grantAppRole = async (db: Owner): Promise<void> => {
  const role = sql.identifier(appRole);
  const [found] = await db.execute(sql`select rolsuper, rolbypassrls from pg_roles where rolname = ${appRole}`);
  if (!found) await createAppRole(db);
  else if (found['rolsuper'] || found['rolbypassrls']) {
    throw new Error(
      `The database role ${appRole} is a superuser or bypasses row-level security. Run: ALTER ROLE ${appRole} NOSUPERUSER NOBYPASSRLS;`,
    );
  }
  await db.execute(sql`grant ${role} to current_user`);
  await db.execute(sql`grant usage on schema public to ${role}`);
  await db.execute(sql`grant select, insert, update, delete on all tables in schema public to ${role}`);
  await db.execute(sql`grant usage, select on all sequences in schema public to ${role}`);
  await db.execute(sql`revoke update, delete on run_logs, audit_events from ${role}`);
  await db.execute(sql`do $$ begin
    if to_regclass('public.audit_heads') is not null then revoke insert, update, delete on audit_heads from ${role}; end if;
  end $$`);
};

/** Roles belong to the whole server: another database of ours may be creating it at this moment. */
const createAppRole = (db: Owner) =>
  db.execute(
    sql.raw(
      `do $$ begin create role ${appRole} nologin nosuperuser nobypassrls; exception when duplicate_object or unique_violation then null; end $$`,
    ),
  );

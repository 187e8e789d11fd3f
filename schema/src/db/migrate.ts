import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import { appRole, createDatabase } from './client.ts';
import { withLock } from './lock.ts';

const folder = fileURLToPath(new URL('./migrations', import.meta.url));
const journal = JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8')) as { entries: { when: number }[] };

/** How many migrations this release knows. */
export const schemaVersion = journal.entries.length;

/** Any number that no other program uses on this database: two processes never migrate at once. */
const migrationLock = 0x45564552;

export interface MigrationReport {
  /** Migrations applied by this call. */
  readonly applied: number;
  readonly version: number;
}

/**
 * Brings a database to this release's schema, under a lock, and gives the app role its rights. Idempotent.
 * Throws when the database was migrated by a newer release.
 */
export const migrate = (url: string): Promise<MigrationReport> =>
  withLock(url, migrationLock, () => migrateUnderLock(url));

const migrateUnderLock = async (url: string): Promise<MigrationReport> => {
  const db = createDatabase({ url, applicationName: 'everwave-migrate', max: 1, role: 'owner' });
  try {
    const before = await appliedMigrations(db);
    if (before > schemaVersion) {
      throw new Error(
        `This database was migrated by a newer Everwave (${before} migrations, this release knows ${schemaVersion}). Start the newer release, or restore a backup made before the upgrade.`,
      );
    }
    await runMigrations(db, { migrationsFolder: folder, migrationsSchema: 'everwave', migrationsTable: 'migrations' });
    await grantAppRole(db);
    return { applied: schemaVersion - before, version: schemaVersion };
  } finally {
    await db.$client.end({ timeout: 5 });
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
};

/** Roles belong to the whole server: another database of ours may be creating it at this moment. */
const createAppRole = (db: Owner) =>
  db.execute(
    sql.raw(
      `do $$ begin create role ${appRole} nologin nosuperuser nobypassrls; exception when duplicate_object or unique_violation then null; end $$`,
    ),
  );

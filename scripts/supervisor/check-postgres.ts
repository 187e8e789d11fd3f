import postgres from 'postgres';
import { Refusal } from '../lib/refusal.ts';

const oldest = 15;
/** A database that confirms a write before it is on disk would forget a run it has promised. */
const mustBeOn = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

/** Refuses a managed Postgres that is too old, cannot be reached, or may lose what it confirmed. Returns its version. */
export const checkManagedPostgres = async (url: string): Promise<string> => {
  const sql = connect(url);
  try {
    const [row] = await sql`
      select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
        current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
        current_setting('synchronous_commit') as synchronous_commit`.catch((error: Error) => {
      throw new Refusal(
        `The Postgres in DATABASE_URL cannot be used: ${error.message || 'no answer'}. Check host, user, password and database.`,
        { cause: error },
      );
    });
    if (Number(row?.['number']) < oldest * 10_000) {
      throw new Refusal(
        `The Postgres in DATABASE_URL is version ${row?.['version']}; Everwave needs ${oldest} or later.`,
      );
    }
    const off = mustBeOn.filter((name) => row?.[name] === 'off');
    if (off.length > 0) {
      throw new Refusal(
        `The Postgres in DATABASE_URL has ${off.join(' and ')} off, so it may forget what it confirmed. Turn ${off.length > 1 ? 'them' : 'it'} on, then start again.`,
      );
    }
    return String(row?.['version']);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

const connect = (url: string): postgres.Sql => {
  try {
    return postgres(url, { max: 1, connect_timeout: 10, onnotice: () => {} });
  } catch (error) {
    throw new Refusal(
      'DATABASE_URL is not an address of a Postgres. Write postgres://user:password@host:5432/database.',
      {
        cause: error,
      },
    );
  }
};

import { drizzle, type PostgresJsDatabase, type PostgresJsTransaction } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { fixedStatements, nameOrg } from './fixed-statements.ts';
import { countTransactions } from './pool-use.ts';
import * as tables from './tables.ts';

export type Database = PostgresJsDatabase<typeof tables> & { readonly $client: postgres.Sql };
// oxlint-disable-next-line typescript/no-explicit-any -- relations are not used
export type Transaction = PostgresJsTransaction<typeof tables, any>;

export interface DatabaseOptions {
  /** `postgres://…`. Connections of the pool take the role `everwave_app`, which owns nothing and is no superuser. */
  readonly url: string;
  readonly applicationName: string;
  /** Connections in the pool. */
  readonly max?: number;
  /** Migrations and set-up run as the owner; everything else as the app role. */
  readonly role?: 'app' | 'owner';
}

/** The role that row-level security applies to. */
export const appRole = 'everwave_app';

export const createDatabase = ({ url, applicationName, max = 10, role = 'app' }: DatabaseOptions): Database => {
  const client = postgres(url, {
    max,
    idle_timeout: 60,
    max_lifetime: 30 * 60,
    connect_timeout: 10,
    // Seconds. The driver's own default waits up to 20 s after a restart of the server.
    backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 0.5),
    onnotice: () => {},
    connection: {
      application_name: applicationName,
      // Without it an owner named like our migrations' schema would create every table in that schema.
      search_path: 'public',
      statement_timeout: role === 'owner' ? 0 : 30_000,
      ...(role === 'app' ? { role: appRole } : {}),
    },
  });
  countTransactions(client);
  return drizzle(client, { schema: tables, casing: 'snake_case' }) as Database;
};

/** One transaction that sees the rows of one org and no others: row-level security compares with this setting. */
export const withOrg = <T>(db: Database, orgId: string, work: (tx: Transaction) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    nameOrg(fixedStatements(tx), orgId);
    return work(tx as Transaction);
  });

/** One transaction across orgs: for the dispatcher, the reconciler, the projection and start-up, never for a request's own data. */
export const withSystem = <T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> =>
  withOrg(db, '*', work);

import type postgres from 'postgres';
import type { Database, Transaction } from './client.ts';

/**
 * The driver's tagged statements. The text of one never changes, only its parameters do, so that each connection prepares
 * it once and Postgres keeps its plan; what Drizzle builds is built, parsed and planned each time. For what every step of
 * every run writes or reads.
 */
export type FixedStatements = postgres.TransactionSql;
export type FixedStatement<Row extends object = postgres.Row> = postgres.PendingQuery<Row[]>;

/** Fixed statements inside this transaction. */
export const fixedStatements = (tx: Transaction): FixedStatements =>
  // Drizzle's session has the driver's transaction as its client, and its types do not say so.
  (tx._.session as unknown as { readonly client: FixedStatements }).client;

/** Sends all of them at once and in this order, and waits for their answers once. */
export const sendTogether = async (statements: readonly FixedStatement[]): Promise<void> => {
  await Promise.all(statements.map((statement) => statement.execute()));
};

/** Names the transaction's org. Nobody waits for it: what follows on the connection fails where this has failed. */
export const nameOrg = (sql: FixedStatements, orgId: string): void =>
  void sql`select set_config('everwave.org', ${orgId}, true)`.execute();

/**
 * One statement in a transaction of its own, which sees the rows of one org and no others. Statement and commit are sent
 * together; it resolves when both were answered.
 */
export const inOrg = async <Row extends object>(
  db: Pick<Database, '$client'>,
  orgId: string,
  write: (sql: FixedStatements) => FixedStatement<Row>,
): Promise<readonly Row[]> => {
  const { answer } = await db.$client.begin((sql) => {
    nameOrg(sql, orgId);
    // In an object: the driver would wait for it before it sends the commit.
    return { answer: write(sql).execute() };
  });
  return answer;
};

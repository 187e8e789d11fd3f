import type postgres from 'postgres';

export interface PoolUse {
  /** Transactions that are open, or wait for a connection: above `connections`, some wait. */
  readonly transactions: number;
  /** Connections that the pool may open. */
  readonly connections: number;
}

const uses = new WeakMap<postgres.Sql, { transactions: number; connections: number }>();

/** Counts this client's transactions from now on: nearly all our work is done in transactions. */
export const countTransactions = (client: postgres.Sql): void => {
  const use = { transactions: 0, connections: client.options.max };
  uses.set(client, use);
  const begin = client.begin.bind(client) as (...parameters: unknown[]) => Promise<unknown>;
  const counted = async (...parameters: unknown[]): Promise<unknown> => {
    use.transactions += 1;
    try {
      return await begin(...parameters);
    } finally {
      use.transactions -= 1;
    }
  };
  client.begin = counted as typeof client.begin;
};

export const poolUseOf = ({ $client }: { readonly $client: postgres.Sql }): PoolUse =>
  uses.get($client) ?? { transactions: 0, connections: $client.options.max };

import { sql } from 'drizzle-orm';
import { createDatabase } from './client.ts';

/** Runs `work` while no other process of ours does anything under the same lock on this database. Waits its turn. */
export const withLock = async <T>(url: string, lock: number, work: () => Promise<T>): Promise<T> => {
  const holder = createDatabase({ url, applicationName: 'everwave-lock', max: 1, role: 'owner' });
  try {
    await holder.execute(sql`select pg_advisory_lock(${lock})`);
    return await work();
  } finally {
    // The lock ends with its connection, also when this process dies.
    await holder.$client.end({ timeout: 5 });
  }
};

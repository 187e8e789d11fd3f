import { bigserial, boolean, pgTable, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/**
 * Each time this database was brought back from a backup. What had been done to the outside world between the backup and
 * the failure is not in the ledger: effects of older runs are in doubt unless the ledger knows them.
 */
export const restores = pgTable('restores', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  /** The database's content ends here. */
  takenAt: moment('taken_at').notNull(),
  restoredAt: moment('restored_at').notNull().defaultNow(),
  /** False when nothing ran between the two: a move to another machine. */
  leavesDoubt: boolean('leaves_doubt').notNull(),
  /** Release that made the backup. */
  release: text('release').notNull(),
});

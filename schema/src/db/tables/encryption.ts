import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, orgId } from './columns.ts';

/** Data keys, one current per org, wrapped (AES-256-GCM) by the master key, which is never stored here. */
export const orgKeys = pgTable(
  'org_keys',
  {
    orgId: orgId(),
    version: integer('version').notNull(),
    masterKeyId: text('master_key_id').notNull(),
    wrappedKey: bytea('wrapped_key').notNull(),
    createdAt: createdAt(),
    retiredAt: moment('retired_at'),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.version] })],
);

/** A known value under each master key, so that a wrong key is refused at start with a sentence. */
export const keyChecks = pgTable('key_checks', {
  masterKeyId: text('master_key_id').primaryKey(),
  sealed: bytea('sealed').notNull(),
  createdAt: createdAt(),
});

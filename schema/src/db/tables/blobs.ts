import { bigint, foreignKey, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, orgId } from './columns.ts';

/** A value that is too large for a run's history: content-addressed, so that an org has the same value once. */
export const blobs = pgTable(
  'blobs',
  {
    orgId: orgId(),
    /** Hexadecimal, of the plain value. */
    sha256: text('sha256').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    mediaType: text('media_type').notNull(),
    createdAt: createdAt(),
    /** When it was last kept or handed on; what nothing uses is removed so long afterwards. */
    lastUsedAt: moment('last_used_at').notNull().defaultNow(),
    /** Null until every part is stored. */
    completedAt: moment('completed_at'),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.sha256] }), index('blobs_last_used').on(table.lastUsedAt)],
);

/** 1 MiB of a value, sealed. */
export const blobParts = pgTable(
  'blob_parts',
  {
    orgId: orgId(),
    sha256: text('sha256').notNull(),
    /** From 0. */
    part: integer('part').notNull(),
    sealed: bytea('sealed').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.sha256, table.part] }),
    foreignKey({ columns: [table.orgId, table.sha256], foreignColumns: [blobs.orgId, blobs.sha256] }).onDelete(
      'cascade',
    ),
  ],
);

/** Which step of which run has a value. While there is one, the database refuses to remove the value. */
export const blobUses = pgTable(
  'blob_uses',
  {
    orgId: orgId(),
    runId: text('run_id').notNull(),
    path: text('path').notNull(),
    ordinal: integer('ordinal').notNull(),
    /** What of the step: its `output`, a field that was evaluated for it, or one of its files. */
    name: text('name').notNull(),
    sha256: text('sha256').notNull(),
    /** Name, media type and size of a file that the step made, sealed. Null for what is no file, or one it has only read. */
    fileSealed: bytea('file_sealed'),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.runId, table.path, table.ordinal, table.name] }),
    foreignKey({ columns: [table.orgId, table.sha256], foreignColumns: [blobs.orgId, blobs.sha256] }),
    index('blob_uses_blob').on(table.orgId, table.sha256),
  ],
);

import { bigint, bigserial, index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { createdAt } from './columns.ts';

/** What a field was and what it became. `isHidden` stands for a secret: that it changed is said, its value never. */
export interface AuditChange {
  readonly before?: unknown;
  readonly after?: unknown;
  readonly isHidden?: true;
}

/**
 * Who did what to what. Append-only; no secrets, no step values. Outlives its org. At commit a trigger gives each row the
 * next number of its org, the hash of the row before, and its own over both and all of its content.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    orgId: text('org_id').notNull(),
    /** From 1, without a gap. Null only inside the transaction that writes the row. */
    number: bigint('number', { mode: 'number' }),
    at: createdAt(),
    actorKind: text('actor_kind').notNull().default('system'),
    actorId: text('actor_id').notNull(),
    actorName: text('actor_name').notNull(),
    /** `flow.published`, `run.step_retried`, `connection.created`. */
    action: text('action').notNull(),
    targetKind: text('target_kind').notNull(),
    targetId: text('target_id').notNull(),
    /** What it was called then. */
    targetName: text('target_name'),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
    /** By field, only those that changed. */
    changes: jsonb('changes').$type<Record<string, AuditChange>>(),
    requestId: text('request_id'),
    address: text('address'),
    userAgent: text('user_agent'),
    previousHash: text('previous_hash'),
    hash: text('hash'),
  },
  (table) => [
    uniqueIndex('audit_events_number').on(table.orgId, table.number),
    index('audit_events_target').on(table.orgId, table.targetId, table.number),
    index('audit_events_actor').on(table.orgId, table.actorId, table.number),
  ],
);

/** The end of each org's chain: without it nobody would miss its last rows. Written by the trigger alone. */
export const auditHeads = pgTable('audit_heads', {
  orgId: text('org_id').primaryKey(),
  number: bigint('number', { mode: 'number' }).notNull(),
  hash: text('hash').notNull(),
});

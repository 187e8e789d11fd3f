import { bigserial, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { createdAt } from './columns.ts';

/** Who did what to what. Append-only; no secrets, no step values. Outlives its org. */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    orgId: text('org_id').notNull(),
    at: createdAt(),
    actorId: text('actor_id').notNull(),
    actorName: text('actor_name').notNull(),
    /** `flow.published`, `run.step_retried`, `connection.created`. */
    action: text('action').notNull(),
    targetKind: text('target_kind').notNull(),
    targetId: text('target_id').notNull(),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
    requestId: text('request_id'),
  },
  (table) => [index('audit_events_org').on(table.orgId, table.id)],
);

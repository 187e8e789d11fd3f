import { index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, orgId } from './columns.ts';

export const deliveryStatuses = ['held', 'pending', 'dispatched', 'rejected', 'skipped'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** The inbox: a row is committed before the sender gets its 2xx. One event, one row, for as long as rows are kept. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    flowId: text('flow_id').notNull(),
    triggerId: text('trigger_id').notNull(),
    /** The sender's id for this event (`webhook-id`, `idempotency-key`, …), or ours when it sends none. */
    deliveryId: text('delivery_id').notNull(),
    /** `held`: the flow is off. `pending`: a run row exists, Temporal has not confirmed it yet. `skipped`: its flow was full. */
    status: text('status', { enum: deliveryStatuses }).notNull(),
    runId: text('run_id'),
    /** Method, headers, query and body, sealed. */
    payloadSealed: bytea('payload_sealed').notNull(),
    payloadBytes: integer('payload_bytes').notNull(),
    receivedAt: moment('received_at').notNull().defaultNow(),
    dispatchedAt: moment('dispatched_at'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: moment('next_attempt_at').notNull().defaultNow(),
    lastError: text('last_error'),
    requestId: text('request_id'),
  },
  (table) => [
    uniqueIndex('deliveries_once').on(table.orgId, table.triggerId, table.deliveryId),
    index('deliveries_due').on(table.status, table.nextAttemptAt),
    index('deliveries_org').on(table.orgId, table.id),
  ],
);

/** One answer per (org, key): the second start with a key gets the first one's run. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    orgId: orgId(),
    key: text('key').notNull(),
    /** Same key with another request is refused. */
    requestHash: text('request_hash').notNull(),
    runId: text('run_id').notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.key] })],
);

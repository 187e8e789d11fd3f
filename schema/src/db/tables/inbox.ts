import { sql } from 'drizzle-orm';
import { index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, orgId } from './columns.ts';

export const deliveryStatuses = ['held', 'collecting', 'pending', 'dispatched', 'rejected', 'skipped'] as const;
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
    /**
     * `held`: the flow is off. `collecting`: it waits to start a run together with others. `pending`: a run row exists,
     * Temporal has not confirmed it yet. `skipped`: its flow was full.
     */
    status: text('status', { enum: deliveryStatuses }).notNull(),
    runId: text('run_id'),
    /** Those that it waits, or waited, together with. */
    collectionId: text('collection_id'),
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
    index('deliveries_run').on(table.runId).where(sql`${table.runId} is not null`),
    index('deliveries_collection').on(table.collectionId).where(sql`${table.collectionId} is not null`),
  ],
);

/** Deliveries of one trigger and key that start a run together: debounce and batch. */
export const collections = pgTable(
  'collections',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    flowId: text('flow_id').notNull(),
    triggerId: text('trigger_id').notNull(),
    keyHash: text('key_hash').notNull(),
    /** `open` takes deliveries. `closing` takes no more: a run is made of it. */
    status: text('status', { enum: ['open', 'closing', 'closed'] })
      .notNull()
      .default('open'),
    /** What the run gets. */
    payloads: text('payloads', { enum: ['last', 'all'] }).notNull(),
    count: integer('count').notNull().default(1),
    bytes: integer('bytes').notNull(),
    openedAt: moment('opened_at').notNull().defaultNow(),
    dueAt: moment('due_at').notNull(),
    /** However many follow. */
    closesAt: moment('closes_at').notNull(),
  },
  (table) => [
    uniqueIndex('collections_open').on(table.triggerId, table.keyHash).where(sql`${table.status} = 'open'`),
    index('collections_due').on(table.dueAt).where(sql`${table.status} <> 'closed'`),
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

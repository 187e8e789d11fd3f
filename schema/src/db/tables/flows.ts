import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Collect } from '../../flow/collect.ts';
import type { FlowGraph } from '../../flow/graph.ts';
import type { Plan } from '../../flow/plan.ts';
import { bytea, createdAt, moment, orgId, updatedAt } from './columns.ts';
import { folders } from './grants.ts';

export const flowStatuses = ['inactive', 'active', 'archived'] as const;
export type FlowStatus = (typeof flowStatuses)[number];

export const flows = pgTable(
  'flows',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    tags: text('tags').array().notNull().default([]),
    /** `inactive`: triggers are off and deliveries stay in the inbox. */
    status: text('status', { enum: flowStatuses }).notNull().default('inactive'),
    draft: jsonb('draft').$type<FlowGraph>().notNull(),
    /** Rises with every saved draft; a save names the revision it changed, so that nothing is overwritten silently. */
    draftRevision: integer('draft_revision').notNull().default(1),
    liveVersion: integer('live_version'),
    folderId: text('folder_id').references(() => folders.id, { onDelete: 'set null' }),
    /** Only who has a grant reaches it. */
    isRestricted: boolean('is_restricted').notNull().default(false),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index('flows_org').on(table.orgId, table.id),
    index('flows_restricted').on(table.orgId).where(sql`${table.isRestricted}`),
  ],
);

/** Immutable: the database refuses updates. */
export const flowVersions = pgTable(
  'flow_versions',
  {
    orgId: orgId(),
    flowId: text('flow_id')
      .notNull()
      .references(() => flows.id, { onDelete: 'cascade' }),
    version: integer('version').notNull(),
    graph: jsonb('graph').$type<FlowGraph>().notNull(),
    planHash: text('plan_hash').notNull(),
    note: text('note').notNull().default(''),
    publishedBy: text('published_by'),
    publishedAt: moment('published_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.flowId, table.version] })],
);

/** Content-addressed: `hash` is the SHA-256 of the plan's canonical JSON. */
export const plans = pgTable(
  'plans',
  {
    orgId: orgId(),
    hash: text('hash').notNull(),
    plan: jsonb('plan').$type<Plan>().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.hash] })],
);

/** What starts a flow. A webhook's path is a secret of 128 bits: found by hash, shown from the sealed copy. */
export const triggers = pgTable(
  'triggers',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    flowId: text('flow_id')
      .notNull()
      .references(() => flows.id, { onDelete: 'cascade' }),
    /** The trigger node on the canvas. */
    nodeId: text('node_id').notNull(),
    kind: text('kind').notNull(),
    pathHash: text('path_hash').unique(),
    pathSealed: bytea('path_sealed'),
    /** Standard Webhooks secret. `signatureRequired` without a secret refuses every delivery. */
    signatureRequired: boolean('signature_required').notNull().default(false),
    signingSecretSealed: bytea('signing_secret_sealed'),
    /** Whether a caller is answered at once, or with what the run says. */
    answer: text('answer', { enum: ['acknowledge', 'result'] })
      .notNull()
      .default('acknowledge'),
    /** How deliveries are gathered; null when each starts a run. */
    collect: jsonb('collect').$type<Collect>(),
    enabled: boolean('enabled').notNull().default(true),
    createdAt: createdAt(),
    removedAt: moment('removed_at'),
  },
  (table) => [uniqueIndex('triggers_flow_node').on(table.flowId, table.nodeId)],
);

import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, orgId } from './columns.ts';

/** `closed`: the run ended, or a person went on without an answer. */
const approvalStatuses = ['open', 'approved', 'rejected', 'timed_out', 'closed'] as const;

/** What people were asked, and what they said: part of the projection. The id follows from run, path and ordinal. */
export const approvals = pgTable(
  'approvals',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    runId: text('run_id').notNull(),
    flowId: text('flow_id').notNull(),
    path: text('path').notNull(),
    ordinal: integer('ordinal').notNull(),
    stepId: text('step_id').notNull(),
    seq: integer('seq').notNull(),
    status: text('status', { enum: approvalStatuses }).notNull(),
    /** Question, message and form. */
    requestSealed: bytea('request_sealed').notNull(),
    answersSealed: bytea('answers_sealed'),
    /** Who may answer: roles, and e-mail addresses in lower case. */
    roles: text('roles').array().notNull(),
    people: text('people').array().notNull(),
    approvalsNeeded: integer('approvals_needed').notNull(),
    rejectionsNeeded: integer('rejections_needed').notNull(),
    /** Ids of those who have answered. */
    answeredBy: text('answered_by').array().notNull(),
    openedAt: moment('opened_at').notNull(),
    dueAt: moment('due_at'),
    closedAt: moment('closed_at'),
  },
  (table) => [
    uniqueIndex('approvals_step').on(table.runId, table.path, table.ordinal),
    index('approvals_org').on(table.orgId, table.openedAt, table.id),
    index('approvals_open').on(table.openedAt, table.id).where(sql`${table.status} = 'open'`),
    index('approvals_org_status').on(table.orgId, table.status, table.openedAt),
  ],
);

/** A link to one approval for one person, good for one answer. It says which question and for whom; it is no sign-in. */
export const approvalLinks = pgTable(
  'approval_links',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    approvalId: text('approval_id').notNull(),
    /** SHA-256 of the token. */
    tokenHash: text('token_hash').notNull(),
    /** E-mail address, in lower case. */
    recipient: text('recipient').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    usedAt: moment('used_at'),
  },
  (table) => [
    uniqueIndex('approval_links_token').on(table.tokenHash),
    index('approval_links_approval').on(table.approvalId),
  ],
);

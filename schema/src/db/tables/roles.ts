import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Permission } from '../../api/permissions.ts';
import { createdAt, moment, orgId, updatedAt } from './columns.ts';

// A `role` column elsewhere holds the name of a built-in role or the id of one of these.

/** The roles that an org made for itself, beside the built-in ones. */
export const roles = pgTable(
  'roles',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    permissions: text('permissions').array().$type<Permission[]>().notNull(),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [uniqueIndex('roles_org_name').on(table.orgId, sql`lower(${table.name})`)],
);

/** A program that works in the org under its own name. */
export const serviceAccounts = pgTable(
  'service_accounts',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    role: text('role').notNull(),
    /** Since then its keys are refused. */
    disabledAt: moment('disabled_at'),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [uniqueIndex('service_accounts_org_name').on(table.orgId, sql`lower(${table.name})`)],
);

/** A key belongs to the org, and to a service account of it or to nobody: who made it may leave. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    name: text('name').notNull(),
    /** Its first characters, to recognise it by. */
    start: text('start').notNull(),
    /** SHA-256 of the key; the key itself is shown once. */
    keyHash: text('key_hash').notNull().unique(),
    serviceAccountId: text('service_account_id').references(() => serviceAccounts.id, { onDelete: 'cascade' }),
    /** Null for a key of a service account, which has its role. */
    role: text('role'),
    /** All that is left of the role; null leaves it whole. */
    permissions: jsonb('permissions').$type<Permission[]>(),
    createdBy: text('created_by'),
    createdByName: text('created_by_name'),
    expiresAt: moment('expires_at'),
    lastUsedAt: moment('last_used_at'),
    createdAt: createdAt(),
  },
  (table) => [index('api_keys_org').on(table.orgId), index('api_keys_service_account').on(table.serviceAccountId)],
);

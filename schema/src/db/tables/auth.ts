import { sql } from 'drizzle-orm';
import { boolean, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';

// The tables better-auth 1.7.5 reads and writes; a test compares them with what the library expects.
const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });
const createdAt = () => moment('created_at').notNull().defaultNow();
const updatedAt = () => moment('updated_at').notNull().defaultNow();

export const invitationStatuses = ['pending', 'accepted', 'revoked'] as const;

export const users = pgTable('users', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  /** Chosen by the person, in lower case; others may call them by it. */
  username: text('username').unique(),
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text('image'),
  /** May see and suspend everybody on this installation. */
  isInstanceAdmin: boolean('is_instance_admin').notNull().default(false),
  /** Since when the person can neither sign in nor use a session. */
  suspendedAt: moment('suspended_at'),
  lastSignInAt: moment('last_sign_in_at'),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const sessions = pgTable('sessions', {
  id: text('id').primaryKey(),
  token: text('token').notNull().unique(),
  userId: text('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  activeOrganizationId: text('active_organization_id'),
  ipAddress: text('ip_address'),
  userAgent: text('user_agent'),
  expiresAt: moment('expires_at').notNull(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const accounts = pgTable('accounts', {
  id: text('id').primaryKey(),
  accountId: text('account_id').notNull(),
  providerId: text('provider_id').notNull(),
  userId: text('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  accessToken: text('access_token'),
  refreshToken: text('refresh_token'),
  idToken: text('id_token'),
  accessTokenExpiresAt: moment('access_token_expires_at'),
  refreshTokenExpiresAt: moment('refresh_token_expires_at'),
  scope: text('scope'),
  password: text('password'),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const verifications = pgTable('verifications', {
  id: text('id').primaryKey(),
  identifier: text('identifier').notNull(),
  value: text('value').notNull(),
  expiresAt: moment('expires_at').notNull(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const organizations = pgTable('organizations', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  slug: text('slug').notNull().unique(),
  logo: text('logo'),
  metadata: text('metadata'),
  /** Owners and admins have to have a second factor before they may do anything else here. */
  requiresSecondFactor: boolean('requires_second_factor').notNull().default(false),
  createdAt: createdAt(),
});

export const members = pgTable(
  'members',
  {
    id: text('id').primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: text('role').notNull(),
    /** When the person last switched to this org: where their next session begins. */
    chosenAt: moment('chosen_at'),
    createdAt: createdAt(),
  },
  (table) => [uniqueIndex('members_organization_user').on(table.organizationId, table.userId)],
);

export const invitations = pgTable(
  'invitations',
  {
    id: text('id').primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organizations.id, { onDelete: 'cascade' }),
    /** In lower case. */
    email: text('email').notNull(),
    role: text('role').notNull(),
    status: text('status', { enum: invitationStatuses }).notNull(),
    /** SHA-256 of the token in the mailed link; another one each time it is sent. */
    tokenHash: text('token_hash').unique(),
    /** Null for an invitation by an API key. */
    inviterId: text('inviter_id').references(() => users.id, { onDelete: 'set null' }),
    inviterName: text('inviter_name').notNull().default(''),
    expiresAt: moment('expires_at').notNull(),
    sentAt: moment('sent_at'),
    /** When it was accepted or revoked. */
    closedAt: moment('closed_at'),
    createdAt: createdAt(),
  },
  (table) => [uniqueIndex('invitations_pending').on(table.organizationId, table.email).where(sql`status = 'pending'`)],
);

/** The one-time link that sets the first owner's password. Stored as a SHA-256 hash. */
export const setupTokens = pgTable('setup_tokens', {
  tokenHash: text('token_hash').primaryKey(),
  organizationId: text('organization_id')
    .notNull()
    .references(() => organizations.id, { onDelete: 'cascade' }),
  expiresAt: moment('expires_at').notNull(),
  usedAt: moment('used_at'),
  createdAt: createdAt(),
});

import { bigint, boolean, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { users } from './auth.ts';
import { bytea, createdAt, moment } from './columns.ts';

const userId = () => text('user_id').references(() => users.id, { onDelete: 'cascade' });

/** What a mailed link may do, once. */
const linkPurposes = [
  'password_reset',
  'email_verification',
  'email_change',
  'owner_reset',
  /** Removes the second factor, too. */
  'owner_reset_second_factor',
] as const;
export type LinkPurpose = (typeof linkPurposes)[number];

/** One-time links that were mailed or printed. The token itself stands only in the link. */
export const oneTimeLinks = pgTable(
  'one_time_links',
  {
    /** SHA-256 of the token. */
    tokenHash: text('token_hash').primaryKey(),
    purpose: text('purpose', { enum: linkPurposes }).notNull(),
    /** Null for an address that nobody has: asking leaves the same traces, and takes as long. */
    userId: userId(),
    /** The address that the link proves. */
    email: text('email').notNull(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
    createdAt: createdAt(),
  },
  (table) => [index('one_time_links_user').on(table.userId, table.purpose)],
);

/** Somebody gave the right password and is asked for the second factor. */
export const signInChallenges = pgTable('sign_in_challenges', {
  /** SHA-256 of what the browser holds. */
  tokenHash: text('token_hash').primaryKey(),
  userId: userId().notNull(),
  rememberMe: boolean('remember_me').notNull(),
  attempts: integer('attempts').notNull().default(0),
  expiresAt: moment('expires_at').notNull(),
  createdAt: createdAt(),
});

/** A person's app that shows one-time codes (TOTP, RFC 6238). */
export const secondFactors = pgTable('second_factors', {
  userId: userId().primaryKey(),
  /** Sealed with additional data user id. */
  secretSealed: bytea('secret_sealed').notNull(),
  /** Null until a first code has shown that the app has the secret: until then it is asked of nobody. */
  confirmedAt: moment('confirmed_at'),
  /** The 30-second step of the last code taken: no code counts twice. */
  lastStep: bigint('last_step', { mode: 'number' }).notNull().default(0),
  failures: integer('failures').notNull().default(0),
  /** No code is taken before: too many were wrong. */
  lockedUntil: moment('locked_until'),
  createdAt: createdAt(),
});

/** What stands in for a lost app, each once. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    /** SHA-256 of person and code. */
    codeHash: text('code_hash').primaryKey(),
    userId: userId().notNull(),
    usedAt: moment('used_at'),
    createdAt: createdAt(),
  },
  (table) => [index('recovery_codes_user').on(table.userId)],
);

/** A program that a person has signed in: one row per refresh token, one family per sign-in. */
export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    /** SHA-256 of the token. */
    tokenHash: text('token_hash').primaryKey(),
    familyId: text('family_id').notNull(),
    userId: userId().notNull(),
    /** When the next one was given for it. Whoever shows it again has stolen it, or was stolen from. */
    usedAt: moment('used_at'),
    revokedAt: moment('revoked_at'),
    /** Of the whole family: renewing does not put it off. */
    expiresAt: moment('expires_at').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index('refresh_tokens_family').on(table.familyId), index('refresh_tokens_user').on(table.userId)],
);

import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment } from './columns.ts';

/**
 * What Everwave itself has to tell a person: written with the change that it speaks of, sent until the mail server has it.
 * Of no org: most of these are about an account, and no request reads them.
 */
export const mails = pgTable(
  'mails',
  {
    /** Also in the Message-ID, so that a second copy can be told. */
    id: text('id').primaryKey(),
    /** Which template: `password_reset`. */
    kind: text('kind').notNull(),
    recipient: text('recipient').notNull(),
    /** Subject and bodies: they hold one-time links. JSON sealed with additional data mail id; null once it is over. */
    contentSealed: bytea('content_sealed'),
    createdAt: createdAt(),
    /** From then on nobody wants it any more. */
    expiresAt: moment('expires_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: moment('next_attempt_at').notNull().defaultNow(),
    sentAt: moment('sent_at'),
    gaveUpAt: moment('gave_up_at'),
    lastError: text('last_error'),
  },
  (table) => [
    index('mails_due').on(table.nextAttemptAt).where(sql`${table.sentAt} is null and ${table.gaveUpAt} is null`),
    index('mails_created').on(table.createdAt),
  ],
);

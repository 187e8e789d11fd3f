import { boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { notificationKinds } from '../../api/notifications.ts';
import { users } from './auth.ts';
import { moment, orgId } from './columns.ts';

/** Which mails a person has said to want, or not, from one org. No row: they have not decided. */
export const notificationPreferences = pgTable(
  'notification_preferences',
  {
    orgId: orgId(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: notificationKinds }).notNull(),
    isOn: boolean('is_on').notNull(),
    /** The version of the words that they decided under. */
    terms: integer('terms').notNull(),
    decidedAt: moment('decided_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.userId, table.kind] })],
);

/**
 * What people were mailed about, once and for all: it outlives the projection, so that one that is built anew tells nobody
 * again. Written in the transaction of the mails.
 */
export const notifiedThings = pgTable(
  'notified_things',
  {
    orgId: orgId(),
    kind: text('kind', { enum: notificationKinds }).notNull(),
    /** An approval; or a group of dead letters and since when it is open. */
    thingId: text('thing_id').notNull(),
    notifiedAt: moment('notified_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.kind, table.thingId] })],
);

import { boolean, foreignKey, pgTable, text } from 'drizzle-orm/pg-core';
import { members } from './auth.ts';
import { createdAt, moment, orgId } from './columns.ts';

/** An org that an owner offers to another member, until that one has accepted. It ends when either leaves. */
export const ownershipOffers = pgTable(
  'ownership_offers',
  {
    orgId: orgId().primaryKey(),
    fromUserId: text('from_user_id').notNull(),
    toUserId: text('to_user_id').notNull(),
    /** True when whoever offers stays an owner too. */
    isShared: boolean('is_shared').notNull(),
    expiresAt: moment('expires_at').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      name: 'ownership_offers_from',
      columns: [table.orgId, table.fromUserId],
      foreignColumns: [members.organizationId, members.userId],
    }).onDelete('cascade'),
    foreignKey({
      name: 'ownership_offers_to',
      columns: [table.orgId, table.toUserId],
      foreignColumns: [members.organizationId, members.userId],
    }).onDelete('cascade'),
  ],
);

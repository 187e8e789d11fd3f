import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, orgId, updatedAt } from './columns.ts';

export const alertChannelKinds = ['email', 'slack', 'webhook'] as const;

/** Where an org hears that runs wait for a person. */
export const alertChannels = pgTable(
  'alert_channels',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    name: text('name').notNull(),
    kind: text('kind', { enum: alertChannelKinds }).notNull(),
    /** What may be shown: recipients and mail connection, or the host of the address. */
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
    /** The address, and the secret that signs: JSON sealed with additional data org + channel id. Null for e-mail. */
    secretSealed: bytea('secret_sealed'),
    isOn: boolean('is_on').notNull().default(true),
    /** Seconds after which a group that has grown is spoken of again. */
    quietSeconds: integer('quiet_seconds').notNull().default(3_600),
    lastDeliveredAt: moment('last_delivered_at'),
    /** What the last attempt that failed said; null once one has worked again. */
    lastError: text('last_error'),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [uniqueIndex('alert_channels_org_name').on(table.orgId, table.name)],
);

/** What is to be said on one channel: written with the change that it speaks of, sent until the other side has it. */
export const alerts = pgTable(
  'alerts',
  {
    /** Also the message's id on the other side, so that a second copy can be told. */
    id: text('id').primaryKey(),
    orgId: orgId(),
    channelId: text('channel_id')
      .notNull()
      .references(() => alertChannels.id, { onDelete: 'cascade' }),
    /** Null for a test of the channel. */
    fingerprint: text('fingerprint'),
    event: text('event', { enum: ['opened', 'growing', 'resolved', 'test'] }).notNull(),
    body: jsonb('body').$type<Record<string, unknown>>().notNull(),
    createdAt: createdAt(),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: moment('next_attempt_at').notNull().defaultNow(),
    deliveredAt: moment('delivered_at'),
    gaveUpAt: moment('gave_up_at'),
    lastError: text('last_error'),
  },
  (table) => [
    index('alerts_due').on(table.nextAttemptAt).where(sql`${table.deliveredAt} is null and ${table.gaveUpAt} is null`),
    index('alerts_group').on(table.orgId, table.fingerprint, table.channelId, table.createdAt),
  ],
);

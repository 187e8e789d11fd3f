import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, orgId, updatedAt } from './columns.ts';

export const effectStates = ['intent', 'sent', 'confirmed', 'failed', 'unsure', 'cancelled'] as const;
export type EffectState = (typeof effectStates)[number];

/** The effect ledger: one row per thing done to the outside world, written before the first byte leaves. */
export const effects = pgTable(
  'effects',
  {
    orgId: orgId(),
    effectKey: text('effect_key').notNull(),
    runId: text('run_id').notNull(),
    path: text('path').notNull(),
    activity: text('activity').notNull(),
    /** Same key with another request is an error, never a second effect. */
    requestHash: text('request_hash').notNull(),
    state: text('state', { enum: effectStates }).notNull(),
    /** How often it was sent; compared and set before each send. */
    attempt: integer('attempt').notNull().default(0),
    /** The step's ordinal at the last change: a higher one means that a person asked for another try. */
    ordinal: integer('ordinal').notNull(),
    /** The provider's name for what it did: a message id, a signature. */
    providerReference: text('provider_reference'),
    resultSealed: bytea('result_sealed'),
    firstSentAt: moment('first_sent_at'),
    keyExpiresAt: moment('key_expires_at'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.effectKey] }), index('effects_run').on(table.runId)],
);

/** Results of `step.once`, stored before the next line runs. */
export const effectCheckpoints = pgTable(
  'effect_checkpoints',
  {
    orgId: orgId(),
    effectKey: text('effect_key').notNull(),
    name: text('name').notNull(),
    valueSealed: bytea('value_sealed').notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.effectKey, table.name] })],
);

import { customType, text, timestamp } from 'drizzle-orm/pg-core';
import { organizations } from './auth.ts';

/** Bytes. Everything a person could read stands here sealed (AES-256-GCM under the org's data key). */
export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
});

/** Every tenant table carries it; row-level security compares it with the transaction's setting. */
export const orgId = () =>
  text('org_id')
    .notNull()
    .references(() => organizations.id, { onDelete: 'cascade' });

/** In milliseconds, as JavaScript counts: what was read compares equal to what is stored. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });
export const createdAt = () => moment('created_at').notNull().defaultNow();
export const updatedAt = () => moment('updated_at').notNull().defaultNow();

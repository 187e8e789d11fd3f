import { and, eq } from 'drizzle-orm';
import type { Transaction } from './client.ts';
import { events } from './tables/events.ts';

export type EventRow = typeof events.$inferSelect;

/**
 * Commits, with the transaction, an event to whom it concerns now or later. Of two with one name and id the first stands;
 * the second learns of it.
 */
export const insertEvent = async (
  tx: Transaction,
  event: typeof events.$inferInsert,
): Promise<{ readonly row: EventRow; readonly duplicate: boolean }> => {
  const [inserted] = await tx
    .insert(events)
    .values(event)
    .onConflictDoNothing({ target: [events.orgId, events.name, events.eventId] })
    .returning();
  if (inserted) return { row: inserted, duplicate: false };
  const [first] = await tx
    .select()
    .from(events)
    .where(and(eq(events.orgId, event.orgId), eq(events.name, event.name), eq(events.eventId, event.eventId)));
  if (!first) throw new Error(`The event ${event.eventId} is a duplicate of a row that is not there.`);
  return { row: first, duplicate: true };
};

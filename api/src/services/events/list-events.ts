import type { ListEventsQuery, OutsideEventList } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import { and, desc, eq, inArray, lt } from 'drizzle-orm';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { idOfCursor, toPage } from '../page.ts';
import { toAccepted } from './send-events.ts';

const { eventDeliveries, events, runs } = tables;

/** The org's events, newest first, with the runs that took them and that the caller may see. Not what they hold. */
export const listEvents = async (context: ServiceContext, query: ListEventsQuery): Promise<OutsideEventList> => {
  const { db, caller } = context;
  const after = idOfCursor(query.cursor);
  const { rows, deliveries } = await withOrg(db, caller.orgId, async (tx) => {
    const found = await tx
      .select()
      .from(events)
      .where(
        and(
          eq(events.orgId, caller.orgId),
          after ? lt(events.id, after) : undefined,
          query.name ? eq(events.name, query.name) : undefined,
          query.correlationKey ? eq(events.correlationKey, query.correlationKey) : undefined,
        ),
      )
      .orderBy(desc(events.id))
      .limit(query.limit + 1);
    const ids = found.map(({ id }) => id);
    if (ids.length === 0) return { rows: found, deliveries: [] };
    const reached = within(context, 'flow', runs.flowId);
    const ofThese = and(
      eq(eventDeliveries.orgId, caller.orgId),
      inArray(eventDeliveries.eventRow, ids),
      reached && inArray(eventDeliveries.runId, tx.select({ id: runs.id }).from(runs).where(reached)),
    );
    return { rows: found, deliveries: await tx.select().from(eventDeliveries).where(ofThese) };
  });
  return toPage(rows, query.limit, (row) => {
    const { duplicate: _, ...event } = toAccepted(row, false);
    const own = deliveries.filter(({ eventRow }) => eventRow === row.id);
    const taken = own.filter(({ status }) => status === 'taken');
    return {
      ...event,
      dataBytes: row.dataBytes,
      sentBy: row.sentBy,
      takenBy: taken.map(({ runId, path }) => ({ runId: runIdSchema.parse(runId), path })),
      pending: own.filter(({ status }) => status === 'pending').length,
    };
  });
};

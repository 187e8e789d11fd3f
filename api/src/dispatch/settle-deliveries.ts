import { type Database, tables, withSystem } from '@everwave/schema/db';
import { and, eq, exists, lt, ne, sql } from 'drizzle-orm';

const { deliveries, runs } = tables;

/** Seconds after which a delivery whose run is under way is no longer being confirmed by the process that started it. */
const confirmSeconds = 60;

/**
 * Marks deliveries whose run has begun or ended without them: the process that started it died before it could say so,
 * or a person cancelled the run before it started.
 */
export const settleDeliveries = (db: Database): Promise<unknown> =>
  withSystem(db, (tx) =>
    tx
      .update(deliveries)
      .set({ status: 'dispatched', dispatchedAt: new Date(), lastError: null })
      .where(
        and(
          eq(deliveries.status, 'pending'),
          lt(deliveries.receivedAt, sql`now() - make_interval(secs => ${confirmSeconds})`),
          exists(
            tx
              .select({ id: runs.id })
              .from(runs)
              .where(and(eq(runs.id, deliveries.runId), ne(runs.status, 'queued'))),
          ),
        ),
      ),
  );

import { closedRunStatuses, runStatuses } from '@everwave/schema/run';
import { tables, withSystem } from '@everwave/schema/db';
import { and, count, eq, inArray, isNull, min, notInArray } from 'drizzle-orm';
import type { AppDependencies } from '../../context.ts';

const { deliveries, runs } = tables;

/** Sets the gauges of open runs and of what waits to be started. */
export const measureBacklog = async ({ db, metrics }: Pick<AppDependencies, 'db' | 'metrics'>): Promise<void> => {
  const { byStatus, oldest, inbox } = await withSystem(db, async (tx) => ({
    byStatus: await tx
      .select({ status: runs.status, count: count() })
      .from(runs)
      .where(notInArray(runs.status, [...closedRunStatuses]))
      .groupBy(runs.status),
    oldest: await tx
      .select({ createdAt: min(runs.createdAt) })
      .from(runs)
      .where(and(eq(runs.status, 'queued'), isNull(runs.temporalRunId))),
    inbox: await tx
      .select({ status: deliveries.status, count: count() })
      .from(deliveries)
      .where(inArray(deliveries.status, ['held', 'pending']))
      .groupBy(deliveries.status),
  }));
  for (const status of runStatuses)
    metrics.runs.set({ status }, byStatus.find((row) => row.status === status)?.count ?? 0);
  for (const status of ['held', 'pending'] as const) {
    metrics.inboxPending.set({ status }, inbox.find((row) => row.status === status)?.count ?? 0);
  }
  const waitingSince = oldest[0]?.createdAt;
  metrics.inboxLag.set(waitingSince ? Math.max(0, (Date.now() - waitingSince.getTime()) / 1_000) : 0);
};

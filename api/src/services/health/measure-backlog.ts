import { closedRunStatuses, runStatuses } from '@everwave/schema/run';
import { tables, withSystem } from '@everwave/schema/db';
import { and, count, eq, inArray, isNull, min, notInArray } from 'drizzle-orm';
import type { AppDependencies } from '../../context.ts';

const { deadLetters, deliveries, runs } = tables;

/** What waits, in all orgs together. */
export interface Backlog {
  /** Open runs by status; only statuses that occur. */
  readonly runs: Readonly<Record<string, number>>;
  /** When the oldest run that Temporal has not confirmed was made; null when there is none. */
  readonly oldestQueuedAt: Date | null;
  readonly held: number;
  readonly pending: number;
  readonly deadLetters: number;
}

export const measureBacklog = async ({ db }: Pick<AppDependencies, 'db'>): Promise<Backlog> => {
  const found = await withSystem(db, async (tx) => ({
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
    open: await tx.select({ count: count() }).from(deadLetters).where(isNull(deadLetters.resolvedAt)),
  }));
  const inInbox = (status: 'held' | 'pending') => found.inbox.find((row) => row.status === status)?.count ?? 0;
  return {
    runs: Object.fromEntries(found.byStatus.map((row) => [row.status, row.count])),
    oldestQueuedAt: found.oldest[0]?.createdAt ?? null,
    held: inInbox('held'),
    pending: inInbox('pending'),
    deadLetters: found.open[0]?.count ?? 0,
  };
};

export const openRunStatuses = runStatuses.filter(
  (status) => !(closedRunStatuses as readonly string[]).includes(status),
);

/** Milliseconds for which the oldest start has been waiting. */
export const lagOf = ({ oldestQueuedAt }: Backlog, now = Date.now()): number =>
  oldestQueuedAt ? Math.max(0, now - oldestQueuedAt.getTime()) : 0;

import { closedRunStatuses, runStatuses } from '@everwave/schema/run';
import { type Database, isOpenLetter, tables, type Transaction, withOrg, withSystem } from '@everwave/schema/db';
import { and, count, eq, inArray, isNull, lte, min, ne, notInArray, sql } from 'drizzle-orm';
import { withoutPlace } from '../../limits/read-run-limits.ts';

const { collections, deadLetters, deliveries, runs } = tables;

/** What waits: in one org, or in all together. */
export interface Backlog {
  /** Open runs by status; only statuses that occur. */
  readonly runs: Readonly<Record<string, number>>;
  /**
   * Since when the oldest start waits that is due: of a run that has its place, or of deliveries that have waited together
   * for long enough. Null when there is none.
   */
  readonly oldestQueuedAt: Date | null;
  /** Queued runs that wait until a limit allows them: nobody is late with those. */
  readonly withoutPlace: number;
  readonly held: number;
  /** Deliveries that wait to start a run together. */
  readonly collecting: number;
  readonly pending: number;
  readonly deadLetters: number;
}

const waitingInInbox = ['held', 'collecting', 'pending'] as const;

const earlier = (one: Date | null, other: Date | null): Date | null =>
  one !== null && other !== null && other < one ? other : (one ?? other);

/** Without an org: of all. Row-level security keeps to the one that is named. */
export const measureBacklog = async (db: Database, orgId?: string): Promise<Backlog> => {
  const within = <T>(work: (tx: Transaction) => Promise<T>) =>
    orgId === undefined ? withSystem(db, work) : withOrg(db, orgId, work);
  const found = await within(async (tx) => ({
    byStatus: await tx
      .select({ status: runs.status, count: count() })
      .from(runs)
      .where(notInArray(runs.status, [...closedRunStatuses]))
      .groupBy(runs.status),
    oldest: await tx
      .select({ placedAt: min(runs.placedAt) })
      .from(runs)
      .where(and(eq(runs.status, 'queued'), isNull(runs.temporalRunId))),
    overdue: await tx
      .select({ dueAt: min(collections.dueAt) })
      .from(collections)
      .where(and(ne(collections.status, 'closed'), lte(collections.dueAt, sql`now()`))),
    unplaced: await tx.select({ count: count() }).from(runs).where(withoutPlace),
    inbox: await tx
      .select({ status: deliveries.status, count: count() })
      .from(deliveries)
      .where(inArray(deliveries.status, [...waitingInInbox]))
      .groupBy(deliveries.status),
    open: await tx.select({ count: count() }).from(deadLetters).where(isOpenLetter),
  }));
  const inInbox = (status: (typeof waitingInInbox)[number]) =>
    found.inbox.find((row) => row.status === status)?.count ?? 0;
  return {
    runs: Object.fromEntries(found.byStatus.map((row) => [row.status, row.count])),
    oldestQueuedAt: earlier(found.oldest[0]?.placedAt ?? null, found.overdue[0]?.dueAt ?? null),
    withoutPlace: found.unplaced[0]?.count ?? 0,
    held: inInbox('held'),
    collecting: inInbox('collecting'),
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

import { tables, withSystem } from '@everwave/schema/db';
import { createRounds, type Rounds } from '@everwave/temporal/rounds';
import type { FoundSchedule } from '@everwave/temporal/schedules';
import { and, asc, eq, inArray, lte, ne, sql } from 'drizzle-orm';
import type { AppDependencies } from '../context.ts';

const { flows, schedules, triggers } = tables;

type Tools = Pick<AppDependencies, 'db' | 'temporal' | 'log'>;
type Claimed = Awaited<ReturnType<typeof claim>>[number];

/** Seconds after which a schedule whose process died is told by another one. */
const claimSeconds = 30;
/** Seconds until Temporal is told again after it did not answer, doubled each time. */
const pause = { first: 1, longest: 60 } as const;
/** Seconds in which Temporal's list may be behind a change that it has confirmed. */
const listDelay = 30;

/** Whether Temporal is to have the schedule at all. */
const isWanted = sql<boolean>`(${triggers.enabled} and ${triggers.removedAt} is null and ${flows.status} <> 'archived' and ${flows.liveVersion} is not null)`;
const isPaused = sql<boolean>`(${schedules.pausedAt} is not null or ${flows.status} <> 'active')`;

/**
 * Has Temporal have the schedules that the rows say, in every API process at once. A row that changed is told at once;
 * now and then all are compared with what Temporal has, so that a difference, whoever made it, does not last.
 */
export const createScheduleKeeper = (
  tools: Tools,
  { interval = 1_000, batch = 20, compareEvery = 60_000 } = {},
): Rounds => {
  let compareAt = 0;
  const round = async (): Promise<number> => {
    if (Date.now() >= compareAt) {
      compareAt = Date.now() + compareEvery;
      await compare(tools);
    }
    const claimed = await claim(tools, batch);
    await Promise.all(claimed.map((schedule) => tell(tools, schedule)));
    return claimed.length;
  };
  return createRounds({ round, interval, name: 'schedules', logger: tools.log });
};

/** The claim is a moment in the future, not a lock held while Temporal is called. */
const claim = ({ db }: Tools, limit: number) =>
  withSystem(db, async (tx) => {
    const due = await tx
      .select({
        triggerId: schedules.triggerId,
        orgId: schedules.orgId,
        schedule: schedules.schedule,
        revision: schedules.revision,
        attempts: schedules.attempts,
        isWanted,
        isPaused,
      })
      .from(schedules)
      .innerJoin(triggers, eq(triggers.id, schedules.triggerId))
      .innerJoin(flows, eq(flows.id, schedules.flowId))
      .where(and(ne(schedules.revision, schedules.appliedRevision), lte(schedules.nextAttemptAt, sql`now()`)))
      .orderBy(asc(schedules.nextAttemptAt))
      .limit(limit)
      .for('update', { of: schedules, skipLocked: true });
    if (due.length > 0) {
      await tx
        .update(schedules)
        .set({
          attempts: sql`${schedules.attempts} + 1`,
          nextAttemptAt: sql`now() + make_interval(secs => ${claimSeconds})`,
        })
        .where(
          inArray(
            schedules.triggerId,
            due.map(({ triggerId }) => triggerId),
          ),
        );
    }
    return due;
  });

const tell = async ({ db, temporal, log }: Tools, claimed: Claimed): Promise<void> => {
  const { triggerId, orgId, revision, attempts } = claimed;
  // One that changed meanwhile is told again: its revision is another.
  const isThis = and(eq(schedules.triggerId, triggerId), eq(schedules.revision, revision));
  try {
    await (claimed.isWanted ? temporal.putSchedule(claimed) : temporal.removeSchedule(claimed));
    await withSystem(db, (tx) =>
      tx
        .update(schedules)
        .set({ appliedRevision: revision, appliedAt: sql`now()`, attempts: 0, lastError: null })
        .where(isThis),
    );
    log.info('Temporal has the schedule as it is', { orgId, triggerId, revision, isWanted: claimed.isWanted });
  } catch (error) {
    const lastError = error instanceof Error ? error.message : String(error);
    const seconds = Math.min(pause.longest, pause.first * 2 ** Math.min(attempts, 10));
    await withSystem(db, (tx) =>
      tx
        .update(schedules)
        .set({ lastError, nextAttemptAt: sql`now() + make_interval(secs => ${seconds})` })
        .where(isThis),
    );
    log.warn('Temporal was not told of a schedule, it will be tried again', { orgId, triggerId, error: lastError });
  }
};

/** Finds what Temporal lacks, has otherwise, or has too much of. */
const compare = async ({ db, temporal, log }: Tools): Promise<void> => {
  // First the list, then the rows: a row is always there before its schedule.
  const found = new Map((await temporal.listSchedules()).map((schedule) => [schedule.triggerId, schedule]));
  const rows = await withSystem(db, (tx) =>
    tx
      .select({
        triggerId: schedules.triggerId,
        revision: schedules.revision,
        isTold: sql<boolean>`(${schedules.appliedRevision} = ${schedules.revision} and ${schedules.appliedAt} < now() - make_interval(secs => ${listDelay}))`,
        isWanted,
        isPaused,
      })
      .from(schedules)
      .innerJoin(triggers, eq(triggers.id, schedules.triggerId))
      .innerJoin(flows, eq(flows.id, schedules.flowId)),
  );
  const differing = rows.filter((row) => row.isTold && differs(row, found.get(row.triggerId)));
  if (differing.length > 0) {
    const ids = differing.map(({ triggerId }) => triggerId);
    log.warn('Temporal has schedules otherwise than they are', { triggerIds: ids });
    await withSystem(db, (tx) =>
      tx
        .update(schedules)
        .set({ appliedRevision: 0, nextAttemptAt: sql`now()` })
        .where(inArray(schedules.triggerId, ids)),
    );
  }
  const known = new Set(rows.map(({ triggerId }) => triggerId));
  for (const schedule of found.values()) {
    if (known.has(schedule.triggerId)) continue;
    log.warn('Temporal has a schedule of nothing', { triggerId: schedule.triggerId, orgId: schedule.orgId });
    await temporal.removeSchedule(schedule);
  }
};

const differs = (
  row: { readonly isWanted: boolean; readonly isPaused: boolean; readonly revision: number },
  found: FoundSchedule | undefined,
): boolean =>
  row.isWanted
    ? found === undefined || found.revision !== row.revision || found.isPaused !== row.isPaused
    : found !== undefined;

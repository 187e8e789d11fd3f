import { type Database, tables, toLoggable, withOrg } from '@everwave/schema/db';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { ClaimedRun } from './claim-runs.ts';
import type { DispatchTools } from './start-claimed-run.ts';

const { deliveries, runs } = tables;

/**
 * Notes that Temporal has the runs, all of one org. Returns those that are no longer queued because a person cancelled
 * them. What a worker reported meanwhile stays.
 */
export const confirmStart = (
  db: Database,
  orgId: string,
  started: readonly ClaimedRun[],
  temporalRunId: string | null,
): Promise<readonly ClaimedRun[]> =>
  withOrg(db, orgId, async (tx) => {
    const ids = started.map(({ id }) => id);
    const rows = await tx
      .select({ id: runs.id, status: runs.status })
      .from(runs)
      .where(inArray(runs.id, ids))
      .orderBy(runs.id)
      .for('update');
    const cancelled = new Set(rows.filter(({ status }) => status === 'cancelled').map(({ id }) => id));
    const going = started.filter(({ id }) => !cancelled.has(id));
    await tx
      .update(runs)
      .set({
        temporalRunId: sql`coalesce(${runs.temporalRunId}, ${temporalRunId})`,
        startedAt: sql`coalesce(${runs.startedAt}, now())`,
        updatedAt: new Date(),
        status: sql`case when ${runs.status} = 'queued' then 'running' else ${runs.status} end`,
      })
      .where(
        inArray(
          runs.id,
          going.map(({ id }) => id),
        ),
      );
    await tx
      .update(deliveries)
      .set({
        status: 'dispatched',
        dispatchedAt: new Date(),
        attempts: sql`${deliveries.attempts} + 1`,
        lastError: null,
      })
      .where(
        and(
          eq(deliveries.orgId, orgId),
          inArray(
            deliveries.runId,
            going.map(({ id }) => id),
          ),
        ),
      );
    return started.filter(({ id }) => cancelled.has(id));
  });

/** Half a second, then double, at most a minute; spread, so that many runs do not come back at once. */
export const backoffSeconds = (attempts: number, random: number): number =>
  Math.min(60, 0.5 * 2 ** Math.min(attempts - 1, 10)) * (0.75 + random / 2);

/** Has the runs, all of one org, tried again later. Never throws: a claim runs out by itself. */
export const postponeStart = async (
  { db, log }: DispatchTools,
  orgId: string,
  postponed: readonly ClaimedRun[],
  error: unknown,
): Promise<void> => {
  const seconds = backoffSeconds(Math.max(...postponed.map(({ startAttempts }) => startAttempts)), Math.random());
  const shown = toLoggable(error);
  const reason = (shown instanceof Error ? shown.message : String(shown)).slice(0, 500);
  const ids = postponed.map(({ id }) => id);
  try {
    await withOrg(db, orgId, async (tx) => {
      const nextAt = sql`now() + make_interval(secs => ${seconds})`;
      await tx.update(runs).set({ nextStartAt: nextAt }).where(inArray(runs.id, ids));
      await tx
        .update(deliveries)
        .set({ attempts: sql`${deliveries.attempts} + 1`, nextAttemptAt: nextAt, lastError: reason })
        .where(and(eq(deliveries.orgId, orgId), inArray(deliveries.runId, ids)));
    });
  } catch (failure) {
    log.warn('next attempt not noted', { runIds: ids, error: toLoggable(failure) });
  }
};

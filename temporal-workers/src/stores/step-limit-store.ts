import type { FullLimit, LimitedStep, SetLimit, StepLimitStore } from '@everwave/activities/worker';
import { type Database, inOrg, tables, withSystem } from '@everwave/schema/db';
import { limitSubjects } from '@everwave/schema/run';
import type { Logger } from '@everwave/temporal/logger';
import { eq, sql } from 'drizzle-orm';

const { limits, stepLeases } = tables;

/** Milliseconds after which limits are read anew, beside the steps that go on. */
const fresh = 2_000;
/** Milliseconds after which a step waits until they were read anew. */
const stale = 15_000;
/** A lease outlives the death of its worker by this much. */
const leaseSeconds = 30;
const renewEvery = 10_000;

type Known = ReadonlyMap<string, readonly SetLimit[]>;

export interface StepLimitStoreOptions {
  readonly db: Database;
  readonly logger: Logger;
  /** Unique to this process: whose leases it renews. */
  readonly worker: string;
}

/** Limits and places in Postgres: right with any number of workers, whichever of them dies. */
export const createStepLimitStore = ({ db, logger, worker }: StepLimitStoreOptions): StepLimitStore => {
  const known = createCache(db);
  const leases = createRenewal(db, worker, logger);
  return {
    find: async (step) => {
      const ofOrg = (await known()).get(step.orgId);
      if (ofOrg === undefined) return [];
      const subjects = subjectsOf(step);
      return ofOrg.filter(({ subject }) => subjects.includes(subject));
    },

    take: async ({ orgId, holder }, wanted) => {
      const asked = wanted.map(({ subject, atOnce, rate }) => ({ subject, atOnce, ...rate }));
      const full = await inOrg(
        db,
        orgId,
        (sent) => sent<{ full_subject: string; wait_seconds: number; before: number }[]>`
          select * from take_step_places(
            ${orgId}, ${holder}, ${worker}, ${JSON.stringify(asked)}::text::jsonb, ${leaseSeconds}::double precision
          )`,
      );
      if (full.length === 0) {
        if (wanted.some(({ atOnce }) => atOnce !== null)) leases.add(holder);
        return null;
      }
      return full
        .map(
          (row): FullLimit => ({
            subject: row.full_subject,
            waitMs: Math.ceil(row.wait_seconds * 1_000),
            before: row.before,
          }),
        )
        .reduce((longest, other) => (other.waitMs > longest.waitMs ? other : longest));
    },

    release: async ({ orgId, holder }) => {
      if (!leases.delete(holder)) return;
      await inOrg(db, orgId, (sent) => sent`select release_step_places(${orgId}, ${holder}, ${worker})`);
    },
  };
};

const subjectsOf = ({ flowId, nodeId, connectionId }: LimitedStep): readonly string[] => [
  limitSubjects.org,
  limitSubjects.flow(flowId),
  limitSubjects.node(flowId, nodeId),
  ...(connectionId === null ? [] : [limitSubjects.connection(connectionId)]),
];

/** All limits on steps, few as they are, by org. Steps do not wait while they are read anew, unless nobody has for long. */
const createCache = (db: Database): (() => Promise<Known>) => {
  let known: Known = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const read = async (): Promise<void> => {
    const begunAt = performance.now();
    const rows = await withSystem(db, (tx) => tx.select().from(limits).where(eq(limits.kind, 'steps')));
    const found = rows.map((row) => ({
      orgId: row.orgId,
      subject: row.subject,
      atOnce: row.atOnce,
      rate:
        row.rateCount === null || row.rateSeconds === null
          ? null
          : { count: row.rateCount, seconds: row.rateSeconds, burst: row.burst ?? 1 },
    }));
    const byOrg = new Map<string, SetLimit[]>();
    for (const { orgId, ...limit } of found) byOrg.set(orgId, [...(byOrg.get(orgId) ?? []), limit]);
    known = byOrg;
    readAt = begunAt;
  };

  return async () => {
    const age = performance.now() - readAt;
    if (age > fresh) {
      reading ??= read().finally(() => {
        reading = null;
      });
      if (age > stale) await reading;
      else reading.catch(() => {});
    }
    return known;
  };
};

/** Keeps the leases of this process alive while it has some. */
const createRenewal = (db: Database, worker: string, logger: Logger) => {
  const held = new Set<string>();
  let timer: NodeJS.Timeout | null = null;

  const renew = (): void => {
    withSystem(db, (tx) =>
      tx
        .update(stepLeases)
        .set({ expiresAt: sql`clock_timestamp() + make_interval(secs => ${leaseSeconds})` })
        .where(eq(stepLeases.worker, worker)),
    ).catch((error: unknown) => logger.warn('leases not renewed, will be tried again', { error }));
  };

  return {
    add: (holder: string): void => {
      held.add(holder);
      timer ??= setInterval(renew, renewEvery).unref();
    },
    delete: (holder: string): boolean => {
      const was = held.delete(holder);
      if (held.size === 0 && timer) {
        clearInterval(timer);
        timer = null;
      }
      return was;
    },
  };
};

import type { Collect, Json, Schedule } from '@everwave/schema/flow';
import { tables, toLoggable, type Transaction, withOrg, withSystem } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, asc, eq, exists, isNull, lt, lte, not, sql } from 'drizzle-orm';
import { alias, type PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { collectDelivery } from '../services/hooks/collect-delivery.ts';
import { collectionKeyOf } from '../services/hooks/collection-key.ts';
import { queueRun, sealRun } from '../services/runs/queue-run.ts';
import { admitFire } from './admit-fire.ts';
import type { DispatchTools } from './start-claimed-run.ts';

const { deliveries, flows, flowVersions, schedules, triggers } = tables;
const earlier = alias(deliveries, 'earlier');

/** Seconds after which it is asked again whether a fire that waits for the last run may start. */
const fireWait = 1;

/**
 * Queues a run for deliveries, or has them wait for others, that came while their flow was off and whose flow is on now,
 * and for schedules that have fired; oldest first. Returns how many it queued. Two processes at once queue each delivery once: the row decides.
 */
export const releaseHeldDeliveries = async (tools: DispatchTools, limit: number): Promise<number> => {
  let queued = 0;
  for (const delivery of await findReleasable(tools, limit)) {
    try {
      const isReleased = delivery.collect
        ? await collect(tools, delivery, delivery.collect)
        : await release(tools, delivery, delivery.schedule ? { schedule: delivery.schedule } : {});
      if (isReleased) queued += 1;
    } catch (error) {
      tools.log.warn('held delivery not released', {
        deliveryId: delivery.id,
        orgId: delivery.orgId,
        error: toLoggable(error),
      });
    }
  }
  return queued;
};

const findReleasable = ({ db }: DispatchTools, limit: number) =>
  withSystem(db, (tx) =>
    tx
      .select({
        id: deliveries.id,
        orgId: deliveries.orgId,
        flowId: deliveries.flowId,
        requestId: deliveries.requestId,
        payloadSealed: deliveries.payloadSealed,
        payloadBytes: deliveries.payloadBytes,
        flowVersion: flowVersions.version,
        planHash: flowVersions.planHash,
        triggerId: triggers.id,
        nodeId: triggers.nodeId,
        kind: triggers.kind,
        collect: triggers.collect,
        schedule: schedules.schedule,
      })
      .from(deliveries)
      .innerJoin(flows, eq(flows.id, deliveries.flowId))
      .innerJoin(flowVersions, and(eq(flowVersions.flowId, flows.id), eq(flowVersions.version, flows.liveVersion)))
      .innerJoin(triggers, eq(triggers.id, deliveries.triggerId))
      .leftJoin(schedules, eq(schedules.triggerId, triggers.id))
      .where(
        and(
          eq(deliveries.status, 'held'),
          lte(deliveries.nextAttemptAt, sql`now()`),
          eq(flows.status, 'active'),
          isNull(triggers.removedAt),
          // Of a schedule that waits for its runs one after the other, only the next one is looked at.
          not(
            and(
              sql`coalesce(${schedules.schedule} ->> 'overlap' = 'bufferAll', false)`,
              exists(
                tx
                  .select({ id: earlier.id })
                  .from(earlier)
                  .where(
                    and(
                      eq(earlier.orgId, deliveries.orgId),
                      eq(earlier.triggerId, deliveries.triggerId),
                      eq(earlier.status, 'held'),
                      lt(earlier.id, deliveries.id),
                    ),
                  ),
              ),
            ) ?? sql`false`,
          ),
        ),
      )
      // Orgs in turn: one that was off for a week does not hold up the others.
      .orderBy(sql`row_number() over (partition by ${deliveries.orgId} order by ${deliveries.id})`, asc(deliveries.id))
      .limit(limit),
  );

export type ReleasableDelivery = Awaited<ReturnType<typeof findReleasable>>[number];

/** It waits for others, as it would have done when it came. False when another process was first. */
const collect = async (
  { db, ring }: Pick<DispatchTools, 'db' | 'ring'>,
  { id, orgId, flowId, triggerId, payloadSealed, payloadBytes: bytes }: ReleasableDelivery,
  how: Collect,
): Promise<boolean> => {
  const data = await ring.openJson<Json>(orgId, payloadSealed, additionalData.deliveryPayload(id));
  const key = await collectionKeyOf(how, data, Date.now());
  return withOrg(db, orgId, async (tx) => {
    const [mine] = await tx
      .select({ id: deliveries.id })
      .from(deliveries)
      .where(and(eq(deliveries.id, id), eq(deliveries.status, 'held')))
      .for('update');
    if (mine) await collectDelivery(tx, { id, orgId, flowId, triggerId, bytes }, how, key);
    return mine !== undefined;
  });
};

const line = { place: 'line' } as const;

export interface ReleaseOptions {
  readonly startedBy?: string;
  readonly from?: 'held' | 'skipped';
  /** Whether it starts is decided as its schedule, and its flow where that is full, say. */
  readonly schedule?: Schedule;
}

/** Returns the id of the new run, or null when another process was first. */
export const release = async (
  { db, ring, log }: Pick<DispatchTools, 'db' | 'ring' | 'log'>,
  delivery: Omit<ReleasableDelivery, 'collect' | 'schedule'>,
  { startedBy, from = 'held', schedule }: ReleaseOptions = {},
): Promise<string | null> => {
  const { id, orgId, flowId, flowVersion, planHash, requestId } = delivery;
  const data = await ring.openJson<Json>(orgId, delivery.payloadSealed, additionalData.deliveryPayload(id));
  const run = await sealRun(ring, orgId, data);
  const trigger = { id: delivery.triggerId, nodeId: delivery.nodeId, kind: delivery.kind };
  return withOrg(db, orgId, async (tx) => {
    const taken = await tx
      .update(deliveries)
      .set({ status: 'pending', runId: run.id, lastError: null })
      .where(and(eq(deliveries.id, id), eq(deliveries.status, from)))
      .returning({ id: deliveries.id });
    if (taken.length === 0) return null;
    const admission = schedule ? await admitFire(tx, { id, orgId, flowId, triggerId: trigger.id, schedule }) : line;
    if (admission.place === 'none') {
      await settle(tx, id, { status: 'skipped', runId: null, lastError: admission.why });
      log.info('fire skipped', { deliveryId: id, orgId, why: admission.why });
      return null;
    }
    if (admission.place === 'later') {
      const nextAttemptAt = sql`now() + make_interval(secs => ${fireWait})`;
      await settle(tx, id, { status: 'held', runId: null, nextAttemptAt });
      return null;
    }
    const origin = { orgId, flowId, flowVersion, planHash, trigger };
    await queueRun(tx, run, origin, {
      deliveryId: id,
      requestId,
      filesOf: [id],
      place: admission.place,
      ...(startedBy ? { startedBy } : {}),
    });
    log.info('delivery released', { deliveryId: id, runId: run.id, requestId });
    return run.id;
  });
};

const settle = (tx: Transaction, id: string, change: PgUpdateSetSource<typeof deliveries>): Promise<unknown> =>
  tx.update(deliveries).set(change).where(eq(deliveries.id, id));

import { randomUUIDv7 } from 'node:crypto';
import { type Database, tables, withOrg } from '@everwave/schema/db';
import { fireData } from '@everwave/schema/flow';
import { toId } from '@everwave/schema/ids';
import type { TriggerFire } from '@everwave/schema/run';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import type { Logger } from '@everwave/temporal/logger';
import { and, eq } from 'drizzle-orm';

const { deliveries, flows, schedules, triggers } = tables;

/**
 * Puts a fire of a schedule into the inbox, once for its time however often it is said; from there it goes the way of
 * every delivery. One of a trigger that is off, or was removed, meanwhile is none.
 */
export const acceptFire = async (
  { db, ring, logger }: { readonly db: Database; readonly ring: KeyRing; readonly logger: Logger },
  { orgId, triggerId, scheduledAt }: TriggerFire,
): Promise<void> => {
  const trigger = await withOrg(db, orgId, async (tx) => {
    const [row] = await tx
      .select({ flowId: triggers.flowId, schedule: schedules.schedule })
      .from(triggers)
      .innerJoin(schedules, eq(schedules.triggerId, triggers.id))
      .innerJoin(flows, eq(flows.id, triggers.flowId))
      .where(and(eq(triggers.id, triggerId), eq(triggers.enabled, true), eq(flows.status, 'active')));
    return row;
  });
  if (!trigger) {
    logger.info('a schedule fired that is off', { orgId, triggerId, scheduledAt });
    return;
  }
  const { flowId, schedule } = trigger;
  const id = toId('dlv', randomUUIDv7());
  const receivedAt = new Date();
  const data = fireData(schedule, { scheduledAt, receivedAt });
  const payloadSealed = await ring.sealJson(orgId, data, additionalData.deliveryPayload(id));
  await withOrg(db, orgId, (tx) =>
    tx
      .insert(deliveries)
      .values({
        id,
        orgId,
        flowId,
        triggerId,
        deliveryId: scheduledAt,
        status: 'held',
        payloadSealed,
        payloadBytes: Buffer.byteLength(JSON.stringify(data)),
        receivedAt,
        nextAttemptAt: new Date(receivedAt.getTime() + Math.floor(Math.random() * schedule.jitter)),
      })
      .onConflictDoNothing({ target: [deliveries.orgId, deliveries.triggerId, deliveries.deliveryId] }),
  );
};

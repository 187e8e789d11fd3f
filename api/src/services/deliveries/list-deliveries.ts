import type { Delivery, DeliveryList, DeliverySummary, ListDeliveriesQuery } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { deliveryIdSchema, flowIdSchema, runIdSchema, triggerIdSchema } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import { whyMissing, within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { maskFor } from '../masking/mask-for.ts';
import { placeWaitOf } from '../limits/place-wait.ts';
import { idOfCursor, toPage } from '../page.ts';

const { collections, deliveries, flows, runs } = tables;

/** Its run is queued and has no place yet. */
const waitsForPlace = sql<boolean>`exists (
  select from ${runs} where ${runs.id} = ${deliveries.runId} and ${runs.status} = 'queued' and ${runs.placedAt} is null
)`;

/** The inbox, newest first, without what the deliveries hold. */
export const listDeliveries = async (context: ServiceContext, query: ListDeliveriesQuery): Promise<DeliveryList> => {
  const { db, caller } = context;
  const after = idOfCursor(query.cursor);
  const rows = await withOrg(db, caller.orgId, (tx) =>
    tx
      .select({ id: deliveries.id, delivery: deliveries, flowName: flows.name, waitsForPlace, collection: collections })
      .from(deliveries)
      .innerJoin(flows, eq(flows.id, deliveries.flowId))
      .leftJoin(collections, eq(collections.id, deliveries.collectionId))
      .where(
        and(
          eq(deliveries.orgId, caller.orgId),
          within(context, 'flow', deliveries.flowId),
          after ? lt(deliveries.id, after) : undefined,
          query.status ? inArray(deliveries.status, query.status) : undefined,
          query.flowId ? inArray(deliveries.flowId, query.flowId) : undefined,
        ),
      )
      .orderBy(desc(deliveries.id))
      .limit(query.limit + 1),
  );
  return toPage(rows, query.limit, toSummary);
};

/** One delivery with what it held. */
export const readDelivery = async (
  context: ServiceContext,
  deliveryId: string,
  unmask?: boolean,
): Promise<Delivery> => {
  const { db, caller, ring } = context;
  const where = and(eq(deliveries.id, deliveryId), eq(deliveries.orgId, caller.orgId));
  const notFound = problem('delivery_not_found', `Your org has no delivery ${deliveryId}.`);
  const row = await withOrg(db, caller.orgId, async (tx) => {
    const [found] = await tx
      .select({ delivery: deliveries, flowName: flows.name, run: runs, collection: collections })
      .from(deliveries)
      .innerJoin(flows, eq(flows.id, deliveries.flowId))
      .leftJoin(runs, eq(runs.id, deliveries.runId))
      .leftJoin(collections, eq(collections.id, deliveries.collectionId))
      .where(and(where, within(context, 'flow', deliveries.flowId)));
    if (!found) throw await whyMissing(tx, context, { from: deliveries, where, notFound });
    const target = { kind: 'delivery', id: deliveryId } as const;
    const mask = await maskFor(tx, context, { flowId: found.delivery.flowId, target, unmask });
    return { ...found, mask, placeWait: found.run && (await placeWaitOf(tx, found.run, found.flowName)) };
  });
  const { delivery, placeWait, mask } = row;
  const binding = additionalData.deliveryPayload(delivery.id);
  const payload = await ring.openJson<Json>(caller.orgId, delivery.payloadSealed, binding);
  return {
    ...toSummary({ ...row, waitsForPlace: placeWait !== null }),
    payload: mask ? mask(payload) : payload,
    placeWait,
  };
};

interface DeliveryRow {
  readonly delivery: typeof deliveries.$inferSelect;
  readonly flowName: string;
  readonly waitsForPlace: boolean;
  readonly collection: typeof collections.$inferSelect | null;
}

const toSummary = ({ delivery: row, flowName, waitsForPlace, collection }: DeliveryRow): DeliverySummary => ({
  id: deliveryIdSchema.parse(row.id),
  flowId: flowIdSchema.parse(row.flowId),
  flowName,
  triggerId: triggerIdSchema.parse(row.triggerId),
  deliveryId: row.deliveryId,
  status: row.status,
  waitsForPlace,
  runId: row.runId === null ? null : runIdSchema.parse(row.runId),
  together: collection && { count: collection.count, waitsUntil: collection.dueAt.toISOString() },
  payloadBytes: row.payloadBytes,
  receivedAt: row.receivedAt.toISOString(),
  dispatchedAt: row.dispatchedAt?.toISOString() ?? null,
  lastError: row.lastError,
  requestId: row.requestId,
});

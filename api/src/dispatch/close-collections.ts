import type { Json } from '@everwave/schema/flow';
import { tables, toLoggable, withOrg, withSystem } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, asc, eq, inArray, isNull, lte, sql } from 'drizzle-orm';
import { queueRun, type RunOrigin, sealRun } from '../services/runs/queue-run.ts';
import { pack } from './pack.ts';
import type { DispatchTools } from './start-claimed-run.ts';

const { collections, deliveries, flows, flowVersions, triggers } = tables;

/** Bytes of deliveries that one run starts with. */
const largestRun = 1_048_576;

/**
 * Has collections whose time has come become runs, where their flow is on. First a collection stops to take deliveries;
 * from then on it is what it is, and whoever brings it to its end, once or again, makes the same of it. Returns how many
 * were ended.
 */
export const closeCollections = async (tools: DispatchTools, limit: number): Promise<number> => {
  let ended = 0;
  for (const collection of await findDue(tools, limit)) {
    try {
      if (await toRuns(tools, collection)) ended += 1;
    } catch (error) {
      const { id, orgId } = collection;
      tools.log.warn('collection not ended, will be tried again', {
        collectionId: id,
        orgId,
        error: toLoggable(error),
      });
    }
  }
  return ended;
};

const findDue = ({ db }: DispatchTools, limit: number) =>
  withSystem(db, async (tx) => {
    const due = await tx
      .select({
        id: collections.id,
        orgId: collections.orgId,
        flowId: collections.flowId,
        payloads: collections.payloads,
        flowVersion: flowVersions.version,
        planHash: flowVersions.planHash,
        trigger: { id: triggers.id, nodeId: triggers.nodeId, kind: triggers.kind },
      })
      .from(collections)
      .innerJoin(flows, eq(flows.id, collections.flowId))
      .innerJoin(flowVersions, and(eq(flowVersions.flowId, flows.id), eq(flowVersions.version, flows.liveVersion)))
      .innerJoin(triggers, eq(triggers.id, collections.triggerId))
      .where(
        and(
          inArray(collections.status, ['open', 'closing']),
          lte(collections.dueAt, sql`now()`),
          eq(flows.status, 'active'),
          isNull(triggers.removedAt),
        ),
      )
      .orderBy(asc(collections.dueAt))
      .limit(limit)
      .for('update', { of: collections, skipLocked: true });
    if (due.length > 0) {
      const ids = due.map(({ id }) => id);
      await tx.update(collections).set({ status: 'closing' }).where(inArray(collections.id, ids));
    }
    return due;
  });

type DueCollection = Awaited<ReturnType<typeof findDue>>[number];
type Gathered = Pick<
  typeof deliveries.$inferSelect,
  'id' | 'deliveryId' | 'payloadSealed' | 'payloadBytes' | 'receivedAt' | 'requestId'
>;

/** False when another process was first. */
const toRuns = async (tools: DispatchTools, collection: DueCollection): Promise<boolean> => {
  const { db, log } = tools;
  const { id, orgId, flowId, flowVersion, planHash, trigger } = collection;
  const gathered = await withOrg(db, orgId, (tx) =>
    tx.select().from(deliveries).where(eq(deliveries.collectionId, id)).orderBy(asc(deliveries.id)),
  );
  // The last delivery may have been too large to travel with those before it.
  const parts =
    collection.payloads === 'last' ? [gathered] : pack(gathered, (each) => each.payloadBytes, { bytes: largestRun });
  const runs = await Promise.all(parts.map(async (part) => ({ part, run: await toRun(tools, collection, part) })));
  const origin: RunOrigin = { orgId, flowId, flowVersion, planHash, trigger };
  return withOrg(db, orgId, async (tx) => {
    const mine = await tx
      .update(collections)
      .set({ status: 'closed' })
      .where(and(eq(collections.id, id), eq(collections.status, 'closing')))
      .returning({ id: collections.id });
    if (mine.length === 0) return false;
    for (const { part, run } of runs) {
      const last = part.at(-1);
      if (!last) continue;
      // Its senders have their 2xx: whatever the flow does with a run over the limit, this one waits.
      const ids = part.map(({ id: each }) => each);
      const { id: deliveryId, requestId } = last;
      await queueRun(tx, run, origin, { deliveryId, requestId, place: 'line', filesOf: ids });
      await tx.update(deliveries).set({ status: 'pending', runId: run.id }).where(inArray(deliveries.id, ids));
      log.info('deliveries collected', { collectionId: id, orgId, runId: run.id, deliveries: part.length });
    }
    return true;
  });
};

const toRun = async (
  { ring }: DispatchTools,
  { orgId, payloads, trigger }: DueCollection,
  part: readonly Gathered[],
) => {
  const open = ({ id, payloadSealed }: Gathered) =>
    ring.openJson<{ readonly [field: string]: Json }>(orgId, payloadSealed, additionalData.deliveryPayload(id));
  const last = part.at(-1);
  if (payloads === 'last' && last) return sealRun(ring, orgId, { ...(await open(last)), count: part.length });
  const items = await Promise.all(part.map(open));
  return sealRun(ring, orgId, { kind: trigger.kind, count: items.length, items });
};

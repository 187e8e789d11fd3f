import { randomUUIDv7 } from 'node:crypto';
import type { Json } from '@everwave/schema/flow';
import { toId } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { dropFiles } from '@everwave/temporal/values';
import { and, eq } from 'drizzle-orm';
import type { AppDependencies } from '../../context.ts';
import { admitRun, limitReached } from '../../limits/admit-run.ts';
import { queueRun, refuseTooLarge, sealRun } from '../runs/queue-run.ts';
import { collectDelivery } from './collect-delivery.ts';
import { collectionKeyOf } from './collection-key.ts';
import type { FoundTrigger } from './find-trigger.ts';

const { collections, deliveries } = tables;

export interface ReceivedDelivery {
  /** Where files of it are stored already: the row's id, under which they are. */
  readonly id?: string;
  /** The sender's id for this event; null when it sent none, then every delivery is a new event. */
  readonly deliveryId: string | null;
  /** What expressions read as `trigger`. */
  readonly data: Json;
  readonly bytes: number;
  readonly requestId: string | null;
  /** Who had it made up for, where that was a person. */
  readonly startedBy?: string;
}

/** What is needed of the trigger that it came by. */
export type AcceptingTrigger = Pick<
  FoundTrigger,
  'id' | 'orgId' | 'flowId' | 'nodeId' | 'kind' | 'collect' | 'flowStatus' | 'flowVersion' | 'planHash' | 'whenFull'
>;

/**
 * `duplicate` answers as the first one did, so that a sender who repeats is content. `waits`: the run has no place yet.
 * `skipped`: its flow was full and skips what comes then.
 */
export type Accepted =
  | { readonly outcome: 'accepted'; readonly runId: string; readonly waits: boolean }
  | { readonly outcome: 'duplicate'; readonly runId: string }
  | {
      readonly outcome: 'held' | 'skipped' | 'duplicate';
      readonly runId: null;
      readonly deliveryId: string;
      readonly waitsUntil: null;
      readonly as: 'held' | 'skipped';
    }
  | {
      readonly outcome: 'collected' | 'duplicate';
      readonly runId: null;
      readonly deliveryId: string;
      /** When those that it waits together with start a run. */
      readonly waitsUntil: Date;
    };

/**
 * Commits the delivery and, when its flow is on, the run that it starts: one transaction, one row per event however
 * often it is delivered. What this resolves with is durable. Throws for a run that its flow refuses while it is full.
 */
export const acceptDelivery = async (
  { db, ring }: Pick<AppDependencies, 'db' | 'ring'>,
  trigger: AcceptingTrigger,
  received: ReceivedDelivery,
): Promise<Accepted> => {
  const { orgId, flowId, flowVersion, planHash } = trigger;
  const id = received.id ?? toId('dlv', randomUUIDv7());
  const held = trigger.flowStatus !== 'active';
  refuseTooLarge(received.data, 'The delivery');
  const payloadSealed = await ring.sealJson(orgId, received.data, additionalData.deliveryPayload(id));
  const { collect } = trigger;
  const key = collect && !held ? await collectionKeyOf(collect, received.data, Date.now()) : null;
  const run = held || key ? null : await sealRun(ring, orgId, received.data);

  return withOrg(db, orgId, async (tx): Promise<Accepted> => {
    const inserted = await tx
      .insert(deliveries)
      .values({
        id,
        orgId,
        flowId,
        triggerId: trigger.id,
        deliveryId: received.deliveryId ?? id,
        status: held ? 'held' : 'pending',
        runId: run?.id ?? null,
        payloadSealed,
        payloadBytes: received.bytes,
        requestId: received.requestId,
      })
      .onConflictDoNothing({ target: [deliveries.orgId, deliveries.triggerId, deliveries.deliveryId] })
      .returning({ id: deliveries.id });
    if (inserted.length === 0) {
      // The first one has them.
      if (received.id !== undefined) await dropFiles(tx, { orgId, runId: received.id });
      return findFirst(tx, trigger, received.deliveryId ?? id);
    }
    if (collect && key) {
      const collected = { id, orgId, flowId, triggerId: trigger.id, bytes: received.bytes };
      const waitsUntil = await collectDelivery(tx, collected, collect, key);
      return { outcome: 'collected', runId: null, deliveryId: id, waitsUntil };
    }
    if (!run) return { outcome: 'held', runId: null, deliveryId: id, waitsUntil: null, as: 'held' };
    const admission = await admitRun(tx, orgId, flowId, trigger.whenFull);
    if (admission.place === 'none') {
      if (admission.whenFull === 'refuse') throw limitReached(admission);
      await tx
        .update(deliveries)
        .set({ status: 'skipped', runId: null, lastError: admission.why })
        .where(eq(deliveries.id, id));
      return { outcome: 'skipped', runId: null, deliveryId: id, waitsUntil: null, as: 'skipped' };
    }
    const origin = { orgId, flowId, flowVersion, planHash, trigger };
    const { place } = admission;
    const waits = await queueRun(tx, run, origin, {
      deliveryId: id,
      requestId: received.requestId,
      place,
      ...(received.startedBy !== undefined && { startedBy: received.startedBy }),
      ...(received.id !== undefined && { filesOf: [received.id] }),
    });
    return { outcome: 'accepted', runId: run.id, waits };
  });
};

const findFirst = async (tx: Transaction, trigger: AcceptingTrigger, deliveryId: string): Promise<Accepted> => {
  const [first] = await tx
    .select({
      id: deliveries.id,
      runId: deliveries.runId,
      status: deliveries.status,
      waitsUntil: collections.dueAt,
    })
    .from(deliveries)
    .leftJoin(collections, eq(collections.id, deliveries.collectionId))
    .where(
      and(
        eq(deliveries.orgId, trigger.orgId),
        eq(deliveries.triggerId, trigger.id),
        eq(deliveries.deliveryId, deliveryId),
      ),
    );
  if (!first) throw new Error(`Delivery ${deliveryId} of ${trigger.id} is a duplicate of a row that is not there.`);
  const { id, runId, status, waitsUntil } = first;
  if (runId !== null) return { outcome: 'duplicate', runId };
  const duplicate = { outcome: 'duplicate', runId, deliveryId: id } as const;
  if (waitsUntil) return { ...duplicate, waitsUntil };
  return { ...duplicate, waitsUntil, as: status === 'skipped' ? 'skipped' : 'held' };
};

import { randomUUIDv7 } from 'node:crypto';
import type { Collect } from '@everwave/schema/flow';
import { toId } from '@everwave/schema/ids';
import { tables, type Transaction } from '@everwave/schema/db';
import { eq, sql } from 'drizzle-orm';
import type { CollectionKey } from './collection-key.ts';

const { collections, deliveries } = tables;

/** Bytes of deliveries after which a collection waits for no more: a run has to carry them. */
const enoughBytes = 524_288;

export interface Collected {
  readonly id: string;
  readonly orgId: string;
  readonly flowId: string;
  readonly triggerId: string;
  readonly bytes: number;
}

/**
 * Adds a delivery to those with its key that wait to become a run, or is the first of them. One that is becoming a run
 * takes no more: the lock of its row decides which came first. Returns when it is due.
 */
export const collectDelivery = async (
  tx: Transaction,
  { id, orgId, flowId, triggerId, bytes }: Collected,
  { quietPeriod, maximumWait, size, payloads }: Collect,
  key: CollectionKey,
): Promise<Date> => {
  const after = (milliseconds: number) => sql`now() + make_interval(secs => ${milliseconds / 1_000})`;
  const closesAt = after(key.ok ? maximumWait : 0);
  const quietAt =
    quietPeriod === null ? sql`${collections.closesAt}` : sql`least(${collections.closesAt}, ${after(quietPeriod)})`;
  const isEnough = sql`(${collections.count} + 1 >= ${size} or ${collections.bytes} + ${bytes} >= ${enoughBytes})`;
  const [row] = await tx
    .insert(collections)
    .values({
      id: toId('col', randomUUIDv7()),
      orgId,
      flowId,
      triggerId,
      keyHash: key.ok ? key.hash : id,
      payloads,
      bytes,
      closesAt,
      dueAt: key.ok && quietPeriod !== null ? sql`least(${closesAt}, ${after(quietPeriod)})` : closesAt,
    })
    .onConflictDoUpdate({
      target: [collections.triggerId, collections.keyHash],
      targetWhere: sql`status = 'open'`,
      set: {
        count: sql`${collections.count} + 1`,
        bytes: sql`${collections.bytes} + ${bytes}`,
        // What comes next is not of these any more.
        status: sql`case when ${isEnough} then 'closing' else 'open' end`,
        dueAt: sql`case when ${isEnough} then now() else ${quietAt} end`,
      },
    })
    .returning({ id: collections.id, dueAt: collections.dueAt });
  if (!row) throw new Error(`The delivery ${id} was added to no collection.`);
  await tx
    .update(deliveries)
    .set({ status: 'collecting', collectionId: row.id, lastError: key.ok ? null : key.message })
    .where(eq(deliveries.id, id));
  return row.dueAt;
};

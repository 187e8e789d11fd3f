import { randomUUIDv7 } from 'node:crypto';
import type { AcceptedEvent, SendEventsRequest } from '@everwave/schema/api';
import { toMilliseconds } from '@everwave/schema/flow';
import { eventIdSchema, toId } from '@everwave/schema/ids';
import { type EventRow, insertEvent, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import type { ServiceContext } from '../../context.ts';
import { largestStepValue, refuseTooLarge } from '../runs/queue-run.ts';

type NewEvent = SendEventsRequest['events'][number];

interface Sealed {
  readonly event: NewEvent;
  readonly id: string;
  readonly dataSealed: Uint8Array;
  readonly dataBytes: number;
}

/**
 * Commits events in one transaction, all or none. What this resolves with is durable: runs that wait get theirs, and
 * runs that will wait find theirs until it expires.
 */
export const sendEvents = async (
  context: ServiceContext,
  { events: given }: SendEventsRequest,
): Promise<{ readonly events: AcceptedEvent[] }> => {
  const { db, caller, eventDeliverer } = context;
  given.forEach(({ data }, index) => refuseTooLarge(data, 'The event', largestStepValue, `events[${index}].data`));
  // Of one millisecond too: runs take events in the order of their ids.
  const ids = given.map(() => toId('evt', randomUUIDv7())).toSorted();
  const sealed = await Promise.all(given.map((event, index) => seal(context, event, ids[index] ?? '')));
  const accepted = await withOrg(db, caller.orgId, async (tx) => {
    const rows = new Map<Sealed, AcceptedEvent>();
    // Whoever waits for these events locks in the same order.
    for (const each of sealed.toSorted(byKey)) rows.set(each, await accept(tx, context, each));
    return sealed.flatMap((each) => rows.get(each) ?? []);
  });
  eventDeliverer.kick();
  return { events: accepted };
};

const seal = async ({ ring, caller }: ServiceContext, event: NewEvent, id: string): Promise<Sealed> => {
  const dataSealed = await ring.sealJson(caller.orgId, event.data, additionalData.eventData(id));
  return { event, id, dataSealed, dataBytes: Buffer.byteLength(JSON.stringify(event.data)) };
};

const keyOf = ({ event: { name, correlationKey } }: Sealed): string => JSON.stringify([name, correlationKey]);

const byKey = (left: Sealed, right: Sealed): number => {
  const [first, second] = [keyOf(left), keyOf(right)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
};

const accept = async (
  tx: Transaction,
  { caller, requestId }: ServiceContext,
  { event, id, dataSealed, dataBytes }: Sealed,
): Promise<AcceptedEvent> => {
  const receivedAt = new Date();
  const { row, duplicate } = await insertEvent(tx, {
    id,
    orgId: caller.orgId,
    name: event.name,
    correlationKey: event.correlationKey,
    eventId: event.id ?? id,
    dataSealed,
    dataBytes,
    sentBy: caller.name,
    requestId,
    receivedAt,
    expiresAt: new Date(receivedAt.getTime() + toMilliseconds(event.expiresIn)),
  });
  return toAccepted(row, duplicate);
};

export const toAccepted = (row: EventRow, duplicate: boolean): AcceptedEvent => ({
  eventId: eventIdSchema.parse(row.id),
  id: row.eventId,
  name: row.name,
  correlationKey: row.correlationKey,
  duplicate,
  receivedAt: row.receivedAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
});

import type { Json } from '@everwave/schema/flow';
import { tables, withSystem } from '@everwave/schema/db';
import type { EventDelivery } from '@everwave/schema/run';
import { additionalData } from '@everwave/temporal/encryption';
import { createRounds, type Rounds } from '@everwave/temporal/rounds';
import { and, asc, eq, exists, inArray, lt, lte, not, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { AppDependencies } from '../context.ts';

const { eventDeliveries, events } = tables;
const earlier = alias(eventDeliveries, 'earlier');

type Tools = Pick<AppDependencies, 'db' | 'ring' | 'temporal' | 'log'>;

type Claimed = Awaited<ReturnType<typeof claim>>[number];

/** Seconds after which a delivery whose process died is tried by another one. */
const claimSeconds = 30;
/** Seconds until a delivery that met no worker is tried again, doubled each time. */
const pause = { first: 1, longest: 60 } as const;
/** Expired events that are forgotten per round. */
const forgottenAtOnce = 500;

/** Brings events to the runs that wait for them, in every API process at once. */
export const createEventDeliverer = (tools: Tools, { interval = 1_000, batch = 20 } = {}): Rounds => {
  const round = async (): Promise<number> => {
    const claimed = await claim(tools, batch);
    await Promise.all(claimed.map((delivery) => deliver(tools, delivery)));
    if (claimed.length === 0) await forgetExpired(tools);
    return claimed.length;
  };
  return createRounds({ round, interval, name: 'event delivery', logger: tools.log });
};

/**
 * Takes due deliveries for this process alone: of each step that waits the one whose event came first, so that a step
 * takes events in their order. The claim is a moment in the future, not a lock held while Temporal is called.
 */
const claim = ({ db }: Tools, limit: number) =>
  withSystem(db, async (tx) => {
    const hasEarlier = exists(
      tx
        .select({ event: earlier.eventRow })
        .from(earlier)
        .where(
          and(
            eq(earlier.runId, eventDeliveries.runId),
            eq(earlier.path, eventDeliveries.path),
            eq(earlier.ordinal, eventDeliveries.ordinal),
            eq(earlier.status, 'pending'),
            lt(earlier.eventRow, eventDeliveries.eventRow),
          ),
        ),
    );
    const due = await tx
      .select({ delivery: eventDeliveries, event: events })
      .from(eventDeliveries)
      .innerJoin(events, eq(events.id, eventDeliveries.eventRow))
      .where(
        and(eq(eventDeliveries.status, 'pending'), lte(eventDeliveries.nextAttemptAt, sql`now()`), not(hasEarlier)),
      )
      .orderBy(asc(eventDeliveries.nextAttemptAt), asc(eventDeliveries.eventRow))
      .limit(limit)
      .for('update', { of: eventDeliveries, skipLocked: true });
    for (const { delivery } of due) {
      await tx
        .update(eventDeliveries)
        .set({
          attempts: sql`${eventDeliveries.attempts} + 1`,
          nextAttemptAt: sql`now() + make_interval(secs => ${claimSeconds})`,
        })
        .where(isThis(delivery));
    }
    return due;
  });

const isThis = ({ runId, path, ordinal, eventRow }: typeof eventDeliveries.$inferSelect) =>
  and(
    eq(eventDeliveries.runId, runId),
    eq(eventDeliveries.path, path),
    eq(eventDeliveries.ordinal, ordinal),
    eq(eventDeliveries.eventRow, eventRow),
  );

/** `gone`: the step waits no longer; the event stays for others, and for a later step of the same run. */
type Outcome = 'taken' | 'passed_over' | 'gone' | { readonly retry: string };

const deliver = async (tools: Tools, { delivery, event }: Claimed): Promise<void> => {
  const { db, log } = tools;
  const outcome = await send(tools, { delivery, event });
  await withSystem(db, async (tx) => {
    if (outcome === 'gone') {
      await tx.delete(eventDeliveries).where(isThis(delivery));
      return;
    }
    if (typeof outcome === 'string') {
      await tx
        .update(eventDeliveries)
        .set({ status: outcome, settledAt: new Date(), lastError: null })
        .where(isThis(delivery));
      return;
    }
    const seconds = Math.min(pause.longest, pause.first * 2 ** Math.min(delivery.attempts, 10));
    await tx
      .update(eventDeliveries)
      .set({ nextAttemptAt: sql`now() + make_interval(secs => ${seconds})`, lastError: outcome.retry })
      .where(isThis(delivery));
  });
  const { runId, path } = delivery;
  if (typeof outcome === 'string') log.info('event delivered', { eventId: event.id, runId, path, outcome });
  else log.warn('event not delivered yet', { eventId: event.id, runId, path, reason: outcome.retry });
};

const send = async ({ ring, temporal }: Tools, { delivery, event }: Claimed): Promise<Outcome> => {
  const { orgId, runId, path, ordinal } = delivery;
  try {
    const data = await ring.openJson<Json>(orgId, event.dataSealed, additionalData.eventData(event.id));
    const { eventId: id, name, correlationKey, receivedAt } = event;
    const message: EventDelivery = {
      path,
      ordinal,
      event: { id, name, correlationKey, data, receivedAt: receivedAt.toISOString() },
    };
    const result = await temporal.deliverEvent({ orgId, runId }, message, `${event.id}/${path}~${ordinal}`);
    if (result.ok) return result.reply.status;
    switch (result.reason) {
      // An earlier try reached the run, and its answer did not reach us.
      case 'received_before':
        return 'taken';
      case 'not_waiting':
      case 'run_not_open':
        return 'gone';
      default:
        return { retry: `${result.reason}: ${result.message}` };
    }
  } catch (error) {
    return { retry: error instanceof Error ? error.message : String(error) };
  }
};

/** Events whose time is over and that nobody is to get any more. */
const forgetExpired = ({ db }: Tools): Promise<unknown> =>
  withSystem(db, async (tx) => {
    const isPending = exists(
      tx
        .select({ event: eventDeliveries.eventRow })
        .from(eventDeliveries)
        .where(and(eq(eventDeliveries.eventRow, events.id), eq(eventDeliveries.status, 'pending'))),
    );
    const over = tx
      .select({ id: events.id })
      .from(events)
      .where(and(lt(events.expiresAt, sql`now()`), not(isPending)))
      .limit(forgottenAtOnce);
    return tx.delete(events).where(inArray(events.id, over));
  });

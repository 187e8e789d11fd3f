import type { AlertSender, AlertTarget } from '@everwave/activities/worker';
import { type Database, tables, withSystem } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import type { Logger } from '@everwave/temporal/logger';
import { and, asc, eq, inArray, isNull, lte, sql } from 'drizzle-orm';
import { createConnectionStore } from '../stores/connection-store.ts';
import { toAlertMessage } from './alert-message.ts';

const { alertChannels, alerts } = tables;

type Alert = typeof alerts.$inferSelect;
type Channel = typeof alertChannels.$inferSelect;

export interface DeliverTools {
  readonly db: Database;
  readonly ring: KeyRing;
  readonly logger: Logger;
  readonly sender: AlertSender;
  readonly webUrl: string | null;
}

const atOnce = 10;
/** Seconds after which an alert whose worker died is tried by another one: longer than an attempt takes. */
const claimSeconds = 60;
/** 5 s, 10 s, 20 s, … at most an hour: about a day in all. */
const firstPause = 5;
const longestPause = 3_600;
const maximumAttempts = 32;

/** Delivers what is due, each alert until its channel has taken it. Returns how many it tried. */
export const deliverAlerts = async (tools: DeliverTools): Promise<number> => {
  const claimed = await claimAlerts(tools.db);
  await Promise.all(claimed.map((alert) => deliver(tools, alert)));
  return claimed.length;
};

const claimAlerts = (db: Database): Promise<Alert[]> =>
  withSystem(db, async (tx) => {
    const due = await tx
      .select({ id: alerts.id })
      .from(alerts)
      .where(and(isNull(alerts.deliveredAt), isNull(alerts.gaveUpAt), lte(alerts.nextAttemptAt, sql`now()`)))
      .orderBy(asc(alerts.nextAttemptAt))
      .limit(atOnce)
      .for('update', { skipLocked: true });
    if (due.length === 0) return [];
    const ids = due.map(({ id }) => id);
    return tx
      .update(alerts)
      .set({
        attempts: sql`${alerts.attempts} + 1`,
        nextAttemptAt: sql`now() + make_interval(secs => ${claimSeconds})`,
      })
      .where(inArray(alerts.id, ids))
      .returning();
  });

const deliver = async (tools: DeliverTools, alert: Alert): Promise<void> => {
  const { db, logger, sender, webUrl } = tools;
  const about = { orgId: alert.orgId, alertId: alert.id, channelId: alert.channelId, attempt: alert.attempts };
  try {
    const target = await findTarget(tools, alert);
    await sender.send(target, toAlertMessage(alert, webUrl));
    await noteDelivered(db, alert);
    logger.info('alert delivered', about);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    logger.warn('alert not delivered', { ...about, reason: message });
    await noteFailed(db, alert, message).catch(() => undefined);
  }
};

const findTarget = async ({ db, ring }: DeliverTools, { orgId, channelId }: Alert): Promise<AlertTarget> => {
  const [channel] = await withSystem(db, (tx) =>
    tx.select().from(alertChannels).where(eq(alertChannels.id, channelId)),
  );
  if (!channel) throw new Error('The channel is gone.');
  switch (channel.kind) {
    case 'email':
      return mailTarget(db, ring, channel);
    case 'slack':
    case 'webhook': {
      const secret = await ring.openJson<{ url: string; secret?: string }>(
        orgId,
        channel.secretSealed ?? new Uint8Array(),
        additionalData.alertChannelSecret(orgId, channelId),
      );
      return channel.kind === 'slack'
        ? { kind: 'slack', url: secret.url }
        : { kind: 'webhook', url: secret.url, secret: secret.secret ?? '' };
    }
  }
};

const mailTarget = async (db: Database, ring: KeyRing, { orgId, settings }: Channel): Promise<AlertTarget> => {
  const { to = [], connectionId = '' } = settings as { to?: string[]; connectionId?: string };
  const server = await createConnectionStore(db, ring).find(orgId, connectionId);
  if (!server) throw new Error('The mail server of this channel is gone: choose another connection.');
  return { kind: 'email', to, server };
};

const noteDelivered = (db: Database, { id, channelId }: Alert): Promise<void> =>
  withSystem(db, async (tx) => {
    const now = new Date();
    await tx.update(alerts).set({ deliveredAt: now, lastError: null }).where(eq(alerts.id, id));
    await tx
      .update(alertChannels)
      .set({ lastDeliveredAt: now, lastError: null })
      .where(eq(alertChannels.id, channelId));
  });

const noteFailed = (db: Database, { id, channelId, attempts }: Alert, message: string): Promise<void> =>
  withSystem(db, async (tx) => {
    const seconds = Math.min(longestPause, firstPause * 2 ** Math.min(attempts - 1, 12));
    await tx
      .update(alerts)
      .set({
        lastError: message,
        nextAttemptAt: sql`now() + make_interval(secs => ${seconds})`,
        ...(attempts >= maximumAttempts ? { gaveUpAt: new Date() } : {}),
      })
      .where(eq(alerts.id, id));
    await tx.update(alertChannels).set({ lastError: message }).where(eq(alertChannels.id, channelId));
  });

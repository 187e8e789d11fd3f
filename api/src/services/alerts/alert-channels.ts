import { randomUUIDv7 } from 'node:crypto';
import { createSigningSecret } from '@everwave/activities/triggers';
import type { AlertChannel, AlertChannelChange, CreatedAlertChannel, NewAlertChannel } from '@everwave/schema/api';
import { alertChannelIdSchema, toId } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, asc, count, eq, gt, inArray, isNull } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { idOfCursor, type Page, toPage } from '../page.ts';
import { toMoment } from '../runs/to-run.ts';

const { alertChannels, alerts, connections } = tables;

type ChannelRow = typeof alertChannels.$inferSelect;
interface Secret {
  readonly url: string;
  readonly secret?: string;
}

export const createAlertChannel = async (
  context: ServiceContext,
  given: NewAlertChannel,
): Promise<CreatedAlertChannel> => {
  const { db, caller } = context;
  const { name, kind, isOn, quietSeconds } = given;
  const id = toId('chan', randomUUIDv7());
  const secret = secretOf(given);
  const secretSealed = secret && (await seal(context, id, secret));
  const settings = given.kind === 'email' ? { to: given.to, connectionId: given.connectionId } : hostOf(given.url);
  const channel = await withOrg(db, caller.orgId, async (tx) => {
    if (given.kind === 'email') await refuseUnfitMailServer(tx, context, given.connectionId);
    const row = { id, orgId: caller.orgId, name, kind, settings, secretSealed, isOn, quietSeconds };
    await tx.insert(alertChannels).values({ ...row, createdBy: caller.id });
    await audit(tx, context, {
      action: 'alert_channel.created',
      target: { kind: 'alert_channel', id, name },
      details: { kind },
      after: { name, kind, settings, isOn, quietSeconds },
    });
    return toChannel(tx, await getChannel(tx, context, id));
  }).catch(refuseTakenName(name));
  return { ...channel, secret: secret?.secret ?? null };
};

const secretOf = (given: NewAlertChannel): Secret | null => {
  switch (given.kind) {
    case 'email':
      return null;
    case 'slack':
      return { url: given.url };
    case 'webhook':
      return { url: given.url, secret: given.secret ?? createSigningSecret() };
  }
};

const seal = ({ ring, caller }: ServiceContext, id: string, { url, secret }: Secret): Promise<Uint8Array> =>
  ring.sealJson(
    caller.orgId,
    { url, ...(secret === undefined ? {} : { secret }) },
    additionalData.alertChannelSecret(caller.orgId, id),
  );

const hostOf = (url: string) => ({ host: new URL(url).host });

const refuseUnfitMailServer = async (
  tx: Transaction,
  { caller }: ServiceContext,
  connectionId: string,
): Promise<void> => {
  const [found] = await tx
    .select({ kind: connections.kind })
    .from(connections)
    .where(and(eq(connections.id, connectionId), eq(connections.orgId, caller.orgId)));
  if (found?.kind === 'email.smtp') return;
  const message = found ? `It is a ${found.kind}, not a mail server (email.smtp).` : 'Your org has no such connection.';
  throw problem('alert_channel_invalid', `Choose a mail server. ${message}`, {
    errors: [{ path: 'connectionId', message }],
  });
};

const refuseTakenName =
  (name: string) =>
  (error: unknown): never => {
    if (uniqueViolationOf(error) !== 'alert_channels_org_name') throw error;
    throw problem('name_taken', `Another alert channel is called “${name}”. Choose another name.`, {
      errors: [{ path: 'name', message: 'This name is taken.' }],
    });
  };

const getChannel = async (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
  id: string,
): Promise<ChannelRow> => {
  const [row] = await tx
    .select()
    .from(alertChannels)
    .where(and(eq(alertChannels.id, id), eq(alertChannels.orgId, caller.orgId)));
  if (!row) throw problem('alert_channel_not_found', `Your org has no alert channel ${id}.`);
  return row;
};

export const readAlertChannel = (context: ServiceContext, id: string): Promise<AlertChannel> =>
  withOrg(context.db, context.caller.orgId, async (tx) => toChannel(tx, await getChannel(tx, context, id)));

export const listAlertChannels = (
  { db, caller }: ServiceContext,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<AlertChannel>> => {
  const after = idOfCursor(cursor);
  return withOrg(db, caller.orgId, async (tx) => {
    const rows = await tx
      .select()
      .from(alertChannels)
      .where(and(eq(alertChannels.orgId, caller.orgId), after ? gt(alertChannels.id, after) : undefined))
      .orderBy(asc(alertChannels.id))
      .limit(limit + 1);
    const pending = await countPending(
      tx,
      rows.map(({ id }) => id),
    );
    return toPage(rows, limit, (row) => describe(row, pending.get(row.id) ?? 0));
  });
};

const countPending = async (tx: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: alerts.channelId, count: count() })
    .from(alerts)
    .where(and(inArray(alerts.channelId, [...ids]), isNull(alerts.deliveredAt), isNull(alerts.gaveUpAt)))
    .groupBy(alerts.channelId);
  return new Map(rows.map((row) => [row.id, row.count]));
};

const toChannel = async (tx: Transaction, row: ChannelRow): Promise<AlertChannel> =>
  describe(row, (await countPending(tx, [row.id])).get(row.id) ?? 0);

const describe = (row: ChannelRow, pending: number): AlertChannel => ({
  id: alertChannelIdSchema.parse(row.id),
  name: row.name,
  kind: row.kind,
  settings: row.settings,
  isOn: row.isOn,
  quietSeconds: row.quietSeconds,
  lastDeliveredAt: toMoment(row.lastDeliveredAt),
  lastError: row.lastError,
  pending,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** Changes a channel. A webhook's secret goes to no new address without having been given again. */
export const updateAlertChannel = async (
  context: ServiceContext,
  id: string,
  change: AlertChannelChange,
): Promise<AlertChannel> => {
  const { db, caller } = context;
  const before = await withOrg(db, caller.orgId, (tx) => getChannel(tx, context, id));
  refuseForeignFields(before.kind, change);
  const secret = await changedSecret(context, before, change);
  const settings = {
    ...before.settings,
    ...(change.to ? { to: change.to } : {}),
    ...(change.connectionId ? { connectionId: change.connectionId } : {}),
    ...(change.url ? hostOf(change.url) : {}),
  };
  return withOrg(db, caller.orgId, async (tx) => {
    if (change.connectionId) await refuseUnfitMailServer(tx, context, change.connectionId);
    await tx
      .update(alertChannels)
      .set({
        name: change.name ?? before.name,
        isOn: change.isOn ?? before.isOn,
        quietSeconds: change.quietSeconds ?? before.quietSeconds,
        settings,
        ...(secret ? { secretSealed: secret, lastError: null } : {}),
        updatedAt: new Date(),
      })
      .where(eq(alertChannels.id, id));
    const changed = await getChannel(tx, context, id);
    await audit(tx, context, {
      action: 'alert_channel.updated',
      target: { kind: 'alert_channel', id, name: before.name },
      details: { secretReplaced: secret !== null },
      before: fieldsToCompare(before),
      after: fieldsToCompare(changed),
    });
    return toChannel(tx, changed);
  }).catch(refuseTakenName(change.name ?? before.name));
};

const fieldsToCompare = ({ name, isOn, quietSeconds, settings }: ChannelRow) => ({
  name,
  isOn,
  quietSeconds,
  settings,
});

const fieldsOf = { email: ['to', 'connectionId'], slack: ['url'], webhook: ['url', 'secret'] } as const;

const refuseForeignFields = (kind: ChannelRow['kind'], change: AlertChannelChange): void => {
  const allowed: readonly string[] = ['name', 'isOn', 'quietSeconds', ...fieldsOf[kind]];
  const foreign = Object.keys(change).filter((field) => !allowed.includes(field));
  if (foreign.length === 0) return;
  throw problem('alert_channel_invalid', `A channel of the kind ${kind} has no ${foreign.join(', ')}.`, {
    errors: foreign.map((path) => ({ path, message: `Leave it out: this channel is of the kind ${kind}.` })),
  });
};

const changedSecret = async (
  context: ServiceContext,
  before: ChannelRow,
  { url, secret }: AlertChannelChange,
): Promise<Uint8Array | null> => {
  if (url === undefined && secret === undefined) return null;
  if (before.kind === 'webhook' && secret === undefined) {
    throw problem('alert_channel_invalid', 'Give the secret again: at another address somebody else may read it.', {
      errors: [{ path: 'secret', message: 'Enter it again, since the address changed.', code: 'secret_needed' }],
    });
  }
  const stored = before.secretSealed
    ? await context.ring.openJson<{ url: string }>(
        before.orgId,
        before.secretSealed,
        additionalData.alertChannelSecret(before.orgId, before.id),
      )
    : null;
  return seal(context, before.id, {
    url: url ?? stored?.url ?? '',
    ...(secret === undefined ? {} : { secret }),
  });
};

/** What was still to be delivered on it is dropped with it. */
export const deleteAlertChannel = async (context: ServiceContext, id: string): Promise<void> => {
  await withOrg(context.db, context.caller.orgId, async (tx) => {
    const { name, kind } = await getChannel(tx, context, id);
    await tx.delete(alertChannels).where(eq(alertChannels.id, id));
    await audit(tx, context, {
      action: 'alert_channel.deleted',
      target: { kind: 'alert_channel', id, name },
      details: { kind },
      before: { name, kind },
    });
  });
};

/** Queues one message that says that it is a test; a worker delivers it like any other. */
export const testAlertChannel = (context: ServiceContext, id: string): Promise<AlertChannel> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { name } = await getChannel(tx, context, id);
    await tx.insert(alerts).values({
      id: `alrt_${randomUUIDv7().replaceAll('-', '')}`,
      orgId: context.caller.orgId,
      channelId: id,
      event: 'test',
      body: { askedBy: context.caller.name },
    });
    await audit(tx, context, { action: 'alert_channel.tested', target: { kind: 'alert_channel', id, name } });
    return toChannel(tx, await getChannel(tx, context, id));
  });

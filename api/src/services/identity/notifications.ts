import {
  notificationDefaults,
  type NotificationKind,
  notificationKinds,
  type NotificationPreferences,
  notificationTerms,
  type SetNotificationPreferencesRequest,
} from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import type { PersonContext } from '../../context.ts';
import { audit, type AuditContext } from '../audit.ts';
import { toMoment } from '../runs/to-run.ts';

const { notificationPreferences } = tables;

type Decisions = Partial<Record<NotificationKind, boolean | undefined>>;

const rowsOf = (tx: Transaction, orgId: string, userId: string) =>
  tx
    .select()
    .from(notificationPreferences)
    .where(and(eq(notificationPreferences.orgId, orgId), eq(notificationPreferences.userId, userId)));

type Row = Awaited<ReturnType<typeof rowsOf>>[number];

const toPreferences = (email: string | null, rows: readonly Row[]): NotificationPreferences => ({
  email,
  items: notificationKinds.map((kind) => {
    const row = rows.find((each) => each.kind === kind);
    return {
      kind,
      isOn: row?.isOn ?? notificationDefaults[kind],
      decidedAt: toMoment(row?.decidedAt ?? null),
      terms: row?.terms ?? null,
    };
  }),
});

/** Which mails the person who asks gets from the org they work in. */
export const readNotifications = async ({ db, caller }: PersonContext): Promise<NotificationPreferences> => {
  const rows = await withOrg(db, caller.orgId, (tx) => rowsOf(tx, caller.orgId, caller.id));
  return toPreferences(caller.email, rows);
};

export const setNotifications = async (
  context: PersonContext,
  decisions: SetNotificationPreferencesRequest,
): Promise<NotificationPreferences> => {
  const { db, caller } = context;
  return withOrg(db, caller.orgId, async (tx) => {
    await decide(tx, context, decisions);
    return toPreferences(caller.email, await rowsOf(tx, caller.orgId, caller.id));
  });
};

/** Writes down what the person decided and when, and under which words. The audit log keeps what was before. */
export const decide = async (
  tx: Transaction,
  context: AuditContext,
  decisions: Decisions,
  by: 'settings' | 'mailed link' = 'settings',
): Promise<void> => {
  const { orgId, id: userId } = context.caller;
  const known = toPreferences(null, await rowsOf(tx, orgId, userId)).items;
  const decided = known.filter(({ kind }) => decisions[kind] !== undefined);
  for (const { kind, isOn: before } of decided) {
    const decision = { isOn: decisions[kind] ?? before, terms: notificationTerms, decidedAt: new Date() };
    await tx
      .insert(notificationPreferences)
      .values({ orgId, userId, kind, ...decision })
      .onConflictDoUpdate({
        target: [notificationPreferences.orgId, notificationPreferences.userId, notificationPreferences.kind],
        set: decision,
      });
  }
  if (decided.length === 0) return;
  await audit(tx, context, {
    action: 'user.notifications_set',
    target: { kind: 'user', id: userId, name: context.caller.name },
    details: { terms: notificationTerms, by },
    before: Object.fromEntries(decided.map(({ kind, isOn }) => [kind, isOn])),
    after: Object.fromEntries(decided.map(({ kind }) => [kind, decisions[kind]])),
  });
};

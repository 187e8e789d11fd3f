import { and, count, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from './client.ts';
import { alertChannels, alerts, deadLetterGroups, deadLetters, flows } from './tables.ts';

export interface DeadLetterGroup {
  readonly orgId: string;
  readonly fingerprint: string;
  readonly flowId: string;
  readonly stepId: string;
  readonly failureName: string;
}

/** A letter that waits for a person and stands in the inbox. */
export const isOpenLetter = and(isNull(deadLetters.resolvedAt), isNull(deadLetters.dismissedAt));

/**
 * Brings groups up to date with their letters, as the last thing in the transaction that changed these. The first open
 * letter writes an alert for each channel of the org: neither is there without the other. That a group has grown, or is
 * empty again, is said later by whoever sends the alerts, from what is noted here.
 */
export const noteDeadLetterGroups = async (tx: Transaction, groups: readonly DeadLetterGroup[]): Promise<void> => {
  const distinct = new Map(groups.map((group) => [`${group.orgId} ${group.fingerprint}`, group]));
  // In one order everywhere: two transactions that touch the same groups do not wait for each other in a circle.
  const ordered = [...distinct].toSorted(([left], [right]) => (left < right ? -1 : 1));
  for (const [, group] of ordered) await noteGroup(tx, group);
};

const noteGroup = async (tx: Transaction, group: DeadLetterGroup): Promise<void> => {
  await tx.insert(deadLetterGroups).values(group).onConflictDoNothing();
  const state = await lockDeadLetterGroup(tx, group);
  if (!state) return;
  const open = await countOpenLetters(tx, group);
  const now = new Date();
  if (open > 0 && state.openSince === null) {
    // The transaction's time, which is also the alerts': what was said since then is what was said of this opening.
    await changeGroup(tx, group, { openSince: sql`now()`, emptiedAt: null, updatedAt: now });
    await writeAlerts(tx, group, 'opened');
  } else if (open > 0 && state.emptiedAt !== null) {
    await changeGroup(tx, group, { emptiedAt: null, updatedAt: now });
  } else if (open === 0 && state.openSince !== null && state.emptiedAt === null) {
    await changeGroup(tx, group, { emptiedAt: now, updatedAt: now });
  }
};

type GroupId = Pick<DeadLetterGroup, 'orgId' | 'fingerprint'>;

const isGroup = ({ orgId, fingerprint }: GroupId) =>
  and(eq(deadLetterGroups.orgId, orgId), eq(deadLetterGroups.fingerprint, fingerprint));

/** Its row, kept from others until the transaction ends; null when there is none. */
export const lockDeadLetterGroup = async (
  tx: Transaction,
  group: GroupId,
): Promise<typeof deadLetterGroups.$inferSelect | null> => {
  const [row] = await tx.select().from(deadLetterGroups).where(isGroup(group)).for('update');
  return row ?? null;
};

export const changeGroup = async (
  tx: Transaction,
  group: GroupId,
  change: { openSince?: SQL | null; emptiedAt?: Date | null; updatedAt?: Date },
): Promise<void> => {
  await tx.update(deadLetterGroups).set(change).where(isGroup(group));
};

export const countOpenLetters = async (tx: Transaction, { orgId, fingerprint }: GroupId): Promise<number> => {
  const [row] = await tx
    .select({ count: count() })
    .from(deadLetters)
    .where(and(eq(deadLetters.orgId, orgId), eq(deadLetters.fingerprint, fingerprint), isOpenLetter));
  return row?.count ?? 0;
};

/**
 * One alert for each channel that is on, or for the one that is named. What it says is fixed here, so that every attempt
 * says the same. `total` counts every letter the group ever had: a later alert is due when there are more.
 */
export const writeAlerts = async (
  tx: Transaction,
  { orgId, fingerprint, flowId, stepId, failureName }: DeadLetterGroup,
  event: 'opened' | 'growing' | 'resolved',
  channelId?: string,
): Promise<void> => {
  await tx.execute(sql`
    insert into ${alerts} (id, org_id, channel_id, fingerprint, event, body)
    select 'alrt_' || replace(gen_random_uuid()::text, '-', ''), channel.org_id, channel.id, ${fingerprint}, ${event},
      jsonb_build_object(
        'flowId', ${flowId}::text,
        'flowName', (select name from ${flows} where id = ${flowId}),
        'stepId', ${stepId}::text,
        'failureName', ${failureName}::text,
        'failureMessage', (
          select failure ->> 'message' from ${deadLetters}
          where org_id = ${orgId} and fingerprint = ${fingerprint} order by opened_at desc, id desc limit 1
        ),
        'open', counted.open,
        'total', counted.total
      )
    from ${alertChannels} as channel, (
      select count(*) as total, count(*) filter (where resolved_at is null and dismissed_at is null) as open
      from ${deadLetters} where org_id = ${orgId} and fingerprint = ${fingerprint}
    ) as counted
    where channel.org_id = ${orgId} and channel.is_on
      ${channelId === undefined ? sql`` : sql`and channel.id = ${channelId}`}`);
};

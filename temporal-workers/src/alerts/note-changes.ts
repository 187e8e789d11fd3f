import {
  changeGroup,
  countOpenLetters,
  type Database,
  lockDeadLetterGroup,
  tables,
  type Transaction,
  withSystem,
  writeAlerts,
} from '@everwave/schema/db';
import { sql } from 'drizzle-orm';

const { alertChannels, alerts, deadLetterGroups, deadLetters } = tables;

type Group = typeof deadLetterGroups.$inferSelect;

/** Groups looked at in one round. */
const atOnce = 100;

/**
 * Writes the alerts that no single letter brings about: a group that has been empty for `settle` milliseconds is over, and
 * one that goes on growing is spoken of again after its channel's quiet time. Returns how many groups it spoke of.
 */
export const noteChanges = async (db: Database, settle: number): Promise<number> => {
  const over = await withSystem(db, (tx) => findEmptied(tx, settle));
  for (const group of over) await withSystem(db, (tx) => close(tx, group, settle));
  const growing = await withSystem(db, (tx) => findGrown(tx));
  for (const group of growing) await withSystem(db, (tx) => speakAgain(tx, group));
  return over.length + growing.length;
};

const findEmptied = (tx: Transaction, settle: number): Promise<Group[]> =>
  tx.select().from(deadLetterGroups).where(isEmptied(settle)).limit(atOnce);

// A retry that fails again leaves a group empty for a moment: that is no news.
const isEmptied = (settle: number) =>
  sql`${deadLetterGroups.openSince} is not null
    and ${deadLetterGroups.emptiedAt} <= now() - make_interval(secs => ${settle / 1_000})`;

const close = async (tx: Transaction, group: Group, settle: number): Promise<void> => {
  const current = await lockDeadLetterGroup(tx, group);
  // Another worker may have been faster, or a letter may have come.
  if (!current?.openSince || !current.emptiedAt || current.emptiedAt.getTime() > Date.now() - settle) return;
  if ((await countOpenLetters(tx, group)) > 0) return;
  for (const channelId of await channelsTold(tx, current)) await writeAlerts(tx, group, 'resolved', channelId);
  await changeGroup(tx, group, { openSince: null, emptiedAt: null, updatedAt: new Date() });
};

/** Only who has heard of it wants to hear that it is over. */
const channelsTold = async (tx: Transaction, { orgId, fingerprint, openSince }: Group): Promise<string[]> => {
  const rows = await tx.execute<{ id: string }>(sql`
    select distinct channel_id as id from ${alerts}
    where org_id = ${orgId} and fingerprint = ${fingerprint}
      and created_at >= ${openSince?.toISOString() ?? null}::timestamptz`);
  return rows.map(({ id }) => id);
};

/** Channels that are due to hear of a group again: it has more letters than when they last did, and their quiet time is over. */
const dueChannels = (group?: Group) => sql`
  select own.org_id, own.fingerprint, channel.id as channel_id
  from ${deadLetterGroups} as own
  join ${alertChannels} as channel on channel.org_id = own.org_id and channel.is_on
  left join lateral (
    select alert.created_at, (alert.body ->> 'total')::int as total from ${alerts} as alert
    where alert.org_id = own.org_id and alert.fingerprint = own.fingerprint and alert.channel_id = channel.id
      and alert.created_at >= own.open_since
    order by alert.created_at desc limit 1
  ) as last on true
  where own.open_since is not null and own.emptied_at is null
    and coalesce(last.created_at, channel.created_at) <= now() - make_interval(secs => channel.quiet_seconds)
    and case when last.total is null
      then exists (
        select from ${deadLetters} as letter
        where letter.org_id = own.org_id and letter.fingerprint = own.fingerprint
          and letter.opened_at > channel.created_at and letter.resolved_at is null and letter.dismissed_at is null
      )
      else last.total < (
        select count(*) from ${deadLetters} as letter
        where letter.org_id = own.org_id and letter.fingerprint = own.fingerprint
      )
    end
    ${group ? sql`and own.org_id = ${group.orgId} and own.fingerprint = ${group.fingerprint}` : sql``}`;

const findGrown = async (tx: Transaction): Promise<Group[]> => {
  const due = await tx.execute<{ org_id: string; fingerprint: string }>(
    sql`select distinct org_id, fingerprint from (${dueChannels()}) as due limit ${atOnce}`,
  );
  const groups: Group[] = [];
  for (const { org_id: orgId, fingerprint } of due) {
    const [group] = await tx
      .select()
      .from(deadLetterGroups)
      .where(sql`${deadLetterGroups.orgId} = ${orgId} and ${deadLetterGroups.fingerprint} = ${fingerprint}`);
    if (group) groups.push(group);
  }
  return groups;
};

const speakAgain = async (tx: Transaction, group: Group): Promise<void> => {
  if (!(await lockDeadLetterGroup(tx, group))) return;
  // Asked again under the lock: another worker may have written it.
  const due = await tx.execute<{ channel_id: string }>(dueChannels(group));
  for (const { channel_id: channelId } of due) await writeAlerts(tx, group, 'growing', channelId);
};

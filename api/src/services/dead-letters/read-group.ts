import type { DeadLetterGroupDetail, DeadLetterState } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, count, eq, max, min, sql } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { groupMissing } from './group-missing.ts';
import { isInState } from './letter-state.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { describeGroups } from './list-groups.ts';

const { deadLetters } = tables;

export interface GroupPage {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly state: DeadLetterState;
}

/** One group with a page of its letters. */
export const readGroup = async (
  context: ServiceContext,
  fingerprint: string,
  page: GroupPage,
): Promise<DeadLetterGroupDetail> => {
  const { orgId } = context.caller;
  const group = await withOrg(context.db, orgId, (tx) => describeGroup(tx, context, fingerprint));
  const { items, nextCursor } = await listDeadLetters(context, { ...page, fingerprint });
  return { ...group, letters: { items, nextCursor } };
};

const describeGroup = async (
  tx: Transaction,
  reach: Reach,
  fingerprint: string,
): Promise<Omit<DeadLetterGroupDetail, 'letters'>> => {
  const { orgId } = reach.caller;
  const inState = (state: DeadLetterState) => sql<number>`(count(*) filter (where ${isInState[state]}))::int`;
  const [seen] = await tx
    .select({
      letters: count(),
      open: inState('open'),
      dismissed: inState('dismissed'),
      resolved: inState('resolved'),
      firstSeenAt: min(deadLetters.openedAt),
      lastSeenAt: max(deadLetters.openedAt),
    })
    .from(deadLetters)
    .where(
      and(
        eq(deadLetters.orgId, orgId),
        eq(deadLetters.fingerprint, fingerprint),
        within(reach, 'flow', deadLetters.flowId),
      ),
    );
  const about = (await describeGroups(tx, orgId, [fingerprint])).get(fingerprint);
  if (!about || !seen?.firstSeenAt || !seen.lastSeenAt) {
    throw await whyMissing(tx, reach, groupMissing(orgId, fingerprint));
  }
  const { open, dismissed, resolved } = seen;
  return {
    ...about,
    counts: { open, dismissed, resolved },
    firstSeenAt: seen.firstSeenAt.toISOString(),
    lastSeenAt: seen.lastSeenAt.toISOString(),
  };
};

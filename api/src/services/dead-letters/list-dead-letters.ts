import type { DeadLetterList, DeadLetterState } from '@everwave/schema/api';
import { isOpenLetter, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, count, desc, eq, inArray, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { maskOf } from '../masking/mask-for.ts';
import { idOfCursor, toPage } from '../page.ts';
import { isInState } from './letter-state.ts';
import { toDeadLetter } from './to-dead-letter.ts';

const { deadLetters, flows } = tables;
const last = alias(deadLetters, 'last');

export interface DeadLetterQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly state: DeadLetterState;
  readonly flowId?: readonly string[] | undefined;
  readonly fingerprint?: string | undefined;
}

/** Their ids do not sort by age: a worker derives them, so that a letter reported twice is one row. */
const olderThan = (tx: Transaction, orgId: string, deadLetterId: string) => {
  const cursor = tx
    .select({ openedAt: last.openedAt, id: last.id })
    .from(last)
    .where(and(eq(last.orgId, orgId), eq(last.id, deadLetterId)));
  return sql`(${deadLetters.openedAt}, ${deadLetters.id}) < (${cursor})`;
};

/** Steps whose attempts are used up, newest first, with the input they failed with. */
export const listDeadLetters = async (context: ServiceContext, query: DeadLetterQuery): Promise<DeadLetterList> => {
  const { db, caller } = context;
  const after = idOfCursor(query.cursor);
  const mine = and(eq(deadLetters.orgId, caller.orgId), within(context, 'flow', deadLetters.flowId));
  const { rows, open, mask } = await withOrg(db, caller.orgId, async (tx) => {
    const [waiting] = await tx.select({ count: count() }).from(deadLetters).where(and(mine, isOpenLetter));
    const found = await tx
      .select({ id: deadLetters.id, letter: deadLetters, flowName: flows.name })
      .from(deadLetters)
      .innerJoin(flows, eq(flows.id, deadLetters.flowId))
      .where(
        and(
          mine,
          isInState[query.state],
          after ? olderThan(tx, caller.orgId, after) : undefined,
          query.flowId ? inArray(deadLetters.flowId, [...query.flowId]) : undefined,
          query.fingerprint ? eq(deadLetters.fingerprint, query.fingerprint) : undefined,
        ),
      )
      .orderBy(desc(deadLetters.openedAt), desc(deadLetters.id))
      .limit(query.limit + 1);
    return { rows: found, open: waiting?.count ?? 0, mask: await maskOf(tx, caller.orgId) };
  });
  const { items, nextCursor } = toPage(rows, query.limit, (row) => row);
  return { items: await Promise.all(items.map((row) => toDeadLetter(context, row, mask))), nextCursor, open };
};

import { tables, withOrg } from '@everwave/schema/db';
import { and, asc, count, eq, ne, sql } from 'drizzle-orm';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';

const { flows } = tables;

/** Every tag in use, with the number of flows that carry it. */
export const listTags = (context: ServiceContext): Promise<{ tag: string; flows: number }[]> =>
  withOrg(context.db, context.caller.orgId, (tx) => {
    const tag = sql<string>`unnest(${flows.tags})`.as('tag');
    const used = tx
      .select({ tag })
      .from(flows)
      .where(
        and(eq(flows.orgId, context.caller.orgId), ne(flows.status, 'archived'), within(context, 'flow', flows.id)),
      )
      .as('used');
    return tx.select({ tag: used.tag, flows: count() }).from(used).groupBy(used.tag).orderBy(asc(used.tag));
  });

import type { Connection } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, desc, eq, inArray, lt } from 'drizzle-orm';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { idOfCursor, type Page, toPage } from '../page.ts';
import { toConnection, type Usage, usesOf } from './to-connection.ts';

const { connections } = tables;

export interface ConnectionQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly kind?: readonly string[] | undefined;
}

/** The org's connections, newest first. */
export const listConnections = async (
  context: ServiceContext,
  { cursor, limit, kind }: ConnectionQuery,
): Promise<Page<Connection>> => {
  const after = idOfCursor(cursor);
  return withOrg(context.db, context.caller.orgId, async (tx) => {
    const rows = await tx
      .select()
      .from(connections)
      .where(
        and(
          eq(connections.orgId, context.caller.orgId),
          within(context, 'connection', connections.id),
          after ? lt(connections.id, after) : undefined,
          kind ? inArray(connections.kind, [...kind]) : undefined,
        ),
      )
      .orderBy(desc(connections.id))
      .limit(limit + 1);
    const uses = new Map<string, readonly Usage[]>();
    for (const { id } of rows.slice(0, limit)) uses.set(id, await usesOf(tx, context, id, 'seen'));
    return toPage(rows, limit, (row) => toConnection(row, uses.get(row.id) ?? []));
  });
};

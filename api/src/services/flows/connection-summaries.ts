import type { ConnectionSummary } from '@everwave/schema/flow';
import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';

const { connections } = tables;

/** The connections that the caller may draw with, as far as a drawing's validation needs them. */
export const connectionSummaries = (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
): Promise<ConnectionSummary[]> =>
  tx
    .select({ id: connections.id, kind: connections.kind, name: connections.name })
    .from(connections)
    .where(
      and(
        eq(connections.orgId, caller.orgId),
        within({ caller, permission: 'connections:read' }, 'connection', connections.id),
      ),
    );

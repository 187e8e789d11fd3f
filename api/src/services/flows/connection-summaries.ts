import type { ConnectionSummary } from '@everwave/schema/flow';
import { tables, type Transaction } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';

const { connections } = tables;

/** The org's connections, as far as a drawing's validation needs them. */
export const connectionSummaries = (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
): Promise<ConnectionSummary[]> =>
  tx
    .select({ id: connections.id, kind: connections.kind, name: connections.name })
    .from(connections)
    .where(eq(connections.orgId, caller.orgId));

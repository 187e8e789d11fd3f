import type { Connection } from '@everwave/schema/api';
import { connectionIdSchema, flowIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq, sql } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';

const { connections, flows, flowVersions } = tables;

export type ConnectionRow = typeof connections.$inferSelect;

export interface Usage {
  readonly flowId: string;
  readonly name: string;
}

export const getConnection = async (tx: Transaction, reach: Reach, connectionId: string): Promise<ConnectionRow> => {
  const where = and(eq(connections.id, connectionId), eq(connections.orgId, reach.caller.orgId));
  const [row] = await tx
    .select()
    .from(connections)
    .where(and(where, within(reach, 'connection', connections.id)));
  if (row) return row;
  const notFound = problem('connection_not_found', `Your org has no connection ${connectionId}.`);
  throw await whyMissing(tx, reach, { from: connections, where, notFound });
};

/** Flows whose live version uses the connection and that are switched on: all, or those that the caller sees. */
export const usesOf = (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
  connectionId: string,
  which: 'all' | 'seen' = 'all',
): Promise<Usage[]> => {
  const seen = which === 'seen' ? within({ caller, permission: 'flows:read' }, 'flow', flows.id) : undefined;
  const usesIt = sql`${flowVersions.graph} @> ${JSON.stringify({ nodes: [{ connectionId }] })}::jsonb`;
  return tx
    .select({ flowId: flows.id, name: flows.name })
    .from(flows)
    .innerJoin(flowVersions, and(eq(flowVersions.flowId, flows.id), eq(flowVersions.version, flows.liveVersion)))
    .where(and(eq(flows.orgId, caller.orgId), eq(flows.status, 'active'), usesIt, seen));
};

/** Shows everything but the secret, of which only the names of its fields are known here. */
export const toConnection = (row: ConnectionRow, usedBy: readonly Usage[]): Connection => ({
  id: connectionIdSchema.parse(row.id),
  name: row.name,
  kind: row.kind,
  settings: row.settings,
  secretFields: row.secretFields,
  usedBy: usedBy.map(({ flowId, name }) => ({ flowId: flowIdSchema.parse(flowId), name })),
  lastTest:
    row.lastTestStatus && row.lastTestedAt
      ? {
          status: row.lastTestStatus,
          message: row.lastTestMessage ?? '',
          testedAt: row.lastTestedAt.toISOString(),
          ...(row.lastTestAdvice ? { advice: row.lastTestAdvice } : {}),
        }
      : null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

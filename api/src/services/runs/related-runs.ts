import type { Run } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { runIdSchema } from '@everwave/schema/ids';
import { and, desc, eq } from 'drizzle-orm';
import type { RunRow } from './find-run.ts';

const { flows, runs } = tables;

const mostChildren = 500;

/** The step that started a run as a sub-flow. */
export const parentOf = ({ parentRunId, parentPath, parentOrdinal, parentWaits }: RunRow): Run['parent'] =>
  parentRunId === null || parentPath === null
    ? null
    : {
        runId: runIdSchema.parse(parentRunId),
        path: parentPath,
        ordinal: parentOrdinal ?? 1,
        waits: parentWaits === true,
      };

/** The runs of a run's sub-flows. */
export const childrenOf = async (tx: Transaction, { id, orgId }: RunRow): Promise<Run['children']> => {
  const rows = await tx
    .select({
      path: runs.parentPath,
      ordinal: runs.parentOrdinal,
      runId: runs.id,
      flowId: runs.flowId,
      flowName: flows.name,
      status: runs.status,
      waitedFor: runs.parentWaits,
    })
    .from(runs)
    .leftJoin(flows, eq(flows.id, runs.flowId))
    .where(and(eq(runs.parentRunId, id), eq(runs.orgId, orgId)))
    .orderBy(desc(runs.createdAt), runs.id)
    .limit(mostChildren);
  return rows.map(({ path, ordinal, runId, flowId, flowName, status, waitedFor }) => ({
    path: path ?? '',
    ordinal: ordinal ?? 1,
    runId: runIdSchema.parse(runId),
    flowName: flowName ?? flowId,
    status,
    waitedFor: waitedFor === true,
  }));
};

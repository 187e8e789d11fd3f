import type { FlowVersion, FlowVersionSummary } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, desc, eq, lt } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { numberOfCursor, type Page, toPage } from '../page.ts';
import { getFlow } from './find-flow.ts';

const { flowVersions } = tables;

const largestVersion = 2 ** 31 - 1;

type VersionRow = typeof flowVersions.$inferSelect;

/** A flow's versions, newest first. */
export const listVersions = async (
  context: ServiceContext,
  flowId: string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<FlowVersionSummary>> => {
  const before = numberOfCursor(cursor, largestVersion);
  return withOrg(context.db, context.caller.orgId, async (tx) => {
    const { liveVersion } = await getFlow(tx, context, flowId);
    const rows = await tx
      .select()
      .from(flowVersions)
      .where(and(eq(flowVersions.flowId, flowId), before === null ? undefined : lt(flowVersions.version, before)))
      .orderBy(desc(flowVersions.version))
      .limit(limit + 1);
    const page = rows.map((row) => ({ id: row.version, row }));
    return toPage(page, limit, ({ row }) => toSummary(row, liveVersion));
  });
};

export const readVersion = (context: ServiceContext, flowId: string, version: number): Promise<FlowVersion> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { liveVersion } = await getFlow(tx, context, flowId);
    const row = await getVersion(tx, flowId, version);
    return { ...toSummary(row, liveVersion), graph: row.graph };
  });

/** For callers that have already checked that the flow is theirs. */
export const getVersion = async (tx: Transaction, flowId: string, version: number): Promise<VersionRow> => {
  const [row] = await tx
    .select()
    .from(flowVersions)
    .where(and(eq(flowVersions.flowId, flowId), eq(flowVersions.version, version)));
  if (!row) throw problem('version_not_found', `The flow ${flowId} has no version ${version}.`);
  return row;
};

const toSummary = (row: VersionRow, liveVersion: number | null): FlowVersionSummary => ({
  flowId: flowIdSchema.parse(row.flowId),
  version: row.version,
  planHash: row.planHash,
  note: row.note,
  publishedBy: row.publishedBy,
  publishedAt: row.publishedAt.toISOString(),
  live: row.version === liveVersion,
});

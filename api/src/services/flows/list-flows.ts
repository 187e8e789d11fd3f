import type { FlowList, ListFlowsQuery } from '@everwave/schema/api';
import { flowIdSchema, folderIdSchema, runIdSchema } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import { and, arrayContains, desc, eq, ilike, inArray, lt, ne, or, sql } from 'drizzle-orm';
import { mayWith, within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { contains } from '../like.ts';
import { idOfCursor, toPage } from '../page.ts';

const { flows, flowVersions, folders, runs } = tables;

/** The org's flows, newest first. */
export const listFlows = async (context: ServiceContext, query: ListFlowsQuery): Promise<FlowList> => {
  const { db, caller } = context;
  const after = idOfCursor(query.cursor);
  const rows = await withOrg(db, caller.orgId, (tx) => {
    const lastRun = tx
      .select({
        id: sql`${runs.id}`.as('last_run_id'),
        status: sql`${runs.status}`.as('last_run_status'),
        createdAt: sql`${runs.createdAt}`.as('last_run_created_at'),
      })
      .from(runs)
      .where(and(eq(runs.orgId, caller.orgId), eq(runs.flowId, flows.id)))
      .orderBy(desc(runs.id))
      .limit(1)
      .as('last_run');
    return tx
      .select({
        id: flows.id,
        flow: flows,
        folder: folders,
        changed: sql<boolean>`${flows.draft} is distinct from ${flowVersions.graph}`,
        lastRunId: sql<string | null>`${lastRun.id}`,
        lastRunStatus: sql<typeof runs.$inferSelect.status | null>`${lastRun.status}`,
        lastRunCreatedAt: sql<Date | null>`${lastRun.createdAt}`.mapWith(runs.createdAt),
      })
      .from(flows)
      .leftJoin(flowVersions, and(eq(flowVersions.flowId, flows.id), eq(flowVersions.version, flows.liveVersion)))
      .leftJoin(folders, eq(folders.id, flows.folderId))
      .leftJoinLateral(lastRun, sql`true`)
      .where(
        and(
          eq(flows.orgId, caller.orgId),
          within(context, 'flow', flows.id),
          after ? lt(flows.id, after) : undefined,
          query.status ? inArray(flows.status, query.status) : ne(flows.status, 'archived'),
          query.folderId ? eq(flows.folderId, query.folderId) : undefined,
          query.tag ? arrayContains(flows.tags, query.tag) : undefined,
          query.search
            ? or(ilike(flows.name, contains(query.search)), ilike(flows.description, contains(query.search)))
            : undefined,
        ),
      )
      .orderBy(desc(flows.id))
      .limit(query.limit + 1);
  });
  return toPage(rows, query.limit, (row) => ({
    id: flowIdSchema.parse(row.id),
    name: row.flow.name,
    version: row.flow.liveVersion,
    createdAt: row.flow.createdAt.toISOString(),
    updatedAt: row.flow.updatedAt.toISOString(),
    description: row.flow.description,
    tags: row.flow.tags,
    folderId: row.flow.folderId === null ? null : folderIdSchema.parse(row.flow.folderId),
    status: row.flow.status,
    may: mayWith(caller, { thing: 'flow', id: row.id, isRestricted: row.flow.isRestricted, folder: row.folder }),
    draftRevision: row.flow.draftRevision,
    changedSincePublish: row.changed,
    triggerKinds: row.flow.draft.nodes.map(({ kind }) => kind).filter((kind) => kind.startsWith('trigger.')),
    stepCount: row.flow.draft.nodes.length,
    lastRun:
      row.lastRunId && row.lastRunStatus && row.lastRunCreatedAt
        ? {
            id: runIdSchema.parse(row.lastRunId),
            status: row.lastRunStatus,
            createdAt: row.lastRunCreatedAt.toISOString(),
          }
        : null,
  }));
};

import type { ListRunsQuery, RunList } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, desc, eq, gte, ilike, inArray, lt, or, sql } from 'drizzle-orm';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { contains } from '../like.ts';
import { idOfCursor, toPage } from '../page.ts';
import { toRunSummary } from './to-run.ts';

const { flows, runs } = tables;

/** The org's runs, newest first. */
export const listRuns = async (context: ServiceContext, query: ListRunsQuery): Promise<RunList> => {
  const { db, caller, settings } = context;
  const after = idOfCursor(query.cursor);
  const rows = await withOrg(db, caller.orgId, (tx) =>
    tx
      .select({ id: runs.id, run: runs, flowName: flows.name })
      .from(runs)
      .innerJoin(flows, eq(flows.id, runs.flowId))
      .where(
        and(
          eq(runs.orgId, caller.orgId),
          within(context, 'flow', runs.flowId),
          after ? lt(runs.id, after) : undefined,
          query.status ? inArray(runs.status, query.status) : undefined,
          query.flowId ? inArray(runs.flowId, query.flowId) : undefined,
          query.from ? gte(runs.createdAt, new Date(query.from)) : undefined,
          query.to ? lt(runs.createdAt, new Date(query.to)) : undefined,
          query.text ? matches(query.text) : undefined,
        ),
      )
      .orderBy(desc(runs.id))
      .limit(query.limit + 1),
  );
  return toPage(rows, query.limit, ({ run, flowName }) => toRunSummary(run, flowName, settings));
};

const matches = (text: string) =>
  or(
    eq(runs.id, text),
    eq(runs.requestId, text),
    ilike(flows.name, contains(text)),
    ilike(sql`${runs.failure} ->> 'name'`, contains(text)),
    ilike(sql`${runs.failure} ->> 'message'`, contains(text)),
  );

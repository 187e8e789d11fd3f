import type { RunAttempt, RunLog } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, asc, eq, gt } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { numberOfCursor, type Page, toPage } from '../page.ts';
import { getRun } from './find-run.ts';
import { toRunAttempt, toRunLog } from './to-run.ts';

const { runAttempts, runLogs } = tables;

/** What happened in a run, in words, oldest first. */
export const listLogs = (
  context: ServiceContext,
  runId: string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<RunLog>> => {
  const after = numberOfCursor(cursor);
  return withOrg(context.db, context.caller.orgId, async (tx) => {
    const { orgId } = await getRun(tx, context, runId);
    const rows = await tx
      .select()
      .from(runLogs)
      .where(
        and(eq(runLogs.runId, runId), eq(runLogs.orgId, orgId), after === null ? undefined : gt(runLogs.id, after)),
      )
      .orderBy(asc(runLogs.id))
      .limit(limit + 1);
    return toPage(rows, limit, toRunLog);
  });
};

/** Every attempt of every step, oldest first. */
export const listAttempts = (context: ServiceContext, runId: string): Promise<RunAttempt[]> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { orgId } = await getRun(tx, context, runId);
    const rows = await tx
      .select()
      .from(runAttempts)
      .where(and(eq(runAttempts.runId, runId), eq(runAttempts.orgId, orgId)))
      .orderBy(asc(runAttempts.startedAt), asc(runAttempts.attempt));
    return rows.map(toRunAttempt);
  });

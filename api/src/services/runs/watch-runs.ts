import type { RunEvent } from '@everwave/schema/api';
import { flowIdSchema, runIdSchema } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import { and, asc, eq, gte } from 'drizzle-orm';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { getRun, type RunRow } from './find-run.ts';
import { shownSteps } from './shown-steps.ts';
import { toLiveStep } from './to-run.ts';

const { runs } = tables;

const toEvent = (run: RunRow): RunEvent => ({
  type: 'run',
  runId: runIdSchema.parse(run.id),
  flowId: flowIdSchema.parse(run.flowId),
  status: run.status,
  seq: run.seq,
  updatedAt: run.updatedAt.toISOString(),
});

/** The state of one run and its steps, without their values. */
export const readRunEvent = (context: ServiceContext, runId: string): Promise<RunEvent> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const run = await getRun(tx, context, runId);
    return { ...toEvent(run), steps: (await shownSteps(tx, run)).steps.map(toLiveStep) };
  });

/** The org's runs that changed at or after a moment, oldest change first. */
export const readChangedRuns = (context: ServiceContext, since: Date): Promise<RunEvent[]> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const changed = await tx
      .select()
      .from(runs)
      .where(
        and(eq(runs.orgId, context.caller.orgId), gte(runs.updatedAt, since), within(context, 'flow', runs.flowId)),
      )
      .orderBy(asc(runs.updatedAt))
      .limit(200);
    return changed.map(toEvent);
  });

import type { PlaceWait } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { and, count, eq, lt } from 'drizzle-orm';
import { limitInWords } from '../../limits/admit-run.ts';
import { readRunLimits, readRunUsage, withoutPlace } from '../../limits/read-run-limits.ts';
import { freeInFlow, freeInOrg, runningIn } from '../../limits/run-limits.ts';
import type { RunRow } from '../runs/find-run.ts';

const { runs } = tables;

/** Why a queued run has not begun; null when it has a place. */
export const placeWaitOf = async (
  tx: Transaction,
  { id, orgId, flowId, status, placedAt }: RunRow,
  flowName: string,
): Promise<PlaceWait | null> => {
  if (status !== 'queued' || placedAt !== null) return null;
  const limits = await readRunLimits(tx, orgId);
  const usage = await readRunUsage(tx, orgId, limits);
  const isOrgs = freeInOrg(limits, usage) <= 0 && freeInFlow(limits, usage, flowId) > 0;
  const limit = isOrgs ? limits.org : limits.of(flowId);
  const [waiting] = await tx
    .select({ count: count() })
    .from(runs)
    .where(and(eq(runs.orgId, orgId), isOrgs ? undefined : eq(runs.flowId, flowId), withoutPlace, lt(runs.id, id)));
  const before = waiting?.count ?? 0;
  const running = runningIn(usage, isOrgs ? undefined : flowId);
  const whose = isOrgs ? 'the organisation' : `the flow “${flowName}”`;
  const bound = limit === null ? '' : ` (${limitInWords(limit)})`;
  return {
    limit: isOrgs ? 'org' : 'flow',
    atOnce: limit?.atOnce ?? null,
    running,
    before,
    message: `Waits for a free place of ${whose}${bound}: ${before} before it.`,
  };
};

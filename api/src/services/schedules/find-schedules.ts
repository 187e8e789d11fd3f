import { tables, type Transaction } from '@everwave/schema/db';
import { and, desc, eq, isNull, lt, ne, inArray, sql } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import { problem } from '../../problems.ts';

const { deliveries, flows, schedules, triggers } = tables;

interface LastFire {
  readonly scheduledAt: string;
  readonly status: tables.DeliveryStatus;
  readonly runId: string | null;
}

const lastFire = sql<LastFire | null>`(
  select json_build_object('scheduledAt', ${deliveries.deliveryId}, 'status', ${deliveries.status}, 'runId', ${deliveries.runId})
  from ${deliveries} where ${deliveries.orgId} = ${schedules.orgId} and ${deliveries.triggerId} = ${schedules.triggerId}
  order by ${deliveries.id} desc limit 1
)`;

const select = (tx: Transaction) =>
  tx
    .select({
      id: schedules.triggerId,
      row: schedules,
      nodeId: triggers.nodeId,
      kind: triggers.kind,
      flowName: flows.name,
      flowStatus: flows.status,
      lastFire,
    })
    .from(schedules)
    .innerJoin(triggers, eq(triggers.id, schedules.triggerId))
    .innerJoin(flows, eq(flows.id, schedules.flowId));

export type ScheduleRow = Awaited<ReturnType<typeof select>>[number];

/** Of live versions of flows that are not put away. */
const isLive = and(isNull(triggers.removedAt), ne(flows.status, 'archived'));

export const findSchedules = (
  tx: Transaction,
  reach: Reach,
  { after, flowIds, limit }: { readonly after: string | null; readonly flowIds?: string[] | undefined; limit: number },
): Promise<ScheduleRow[]> =>
  select(tx)
    .where(
      and(
        eq(schedules.orgId, reach.caller.orgId),
        isLive,
        within(reach, 'flow', schedules.flowId),
        after ? lt(schedules.triggerId, after) : undefined,
        flowIds ? inArray(schedules.flowId, flowIds) : undefined,
      ),
    )
    .orderBy(desc(schedules.triggerId))
    .limit(limit);

/** The schedule of the caller's org, if its flow is one that they may reach. */
export const getSchedule = async (tx: Transaction, reach: Reach, id: string): Promise<ScheduleRow> => {
  const live = tx
    .select({ id: triggers.id })
    .from(triggers)
    .innerJoin(flows, eq(flows.id, triggers.flowId))
    .where(and(eq(triggers.id, id), isLive));
  const where = and(inArray(schedules.triggerId, live), eq(schedules.orgId, reach.caller.orgId));
  const [row] = await select(tx).where(and(where, within(reach, 'flow', schedules.flowId)));
  if (row) return row;
  const notFound = problem('schedule_not_found', `Your org has no schedule ${id}.`);
  throw await whyMissing(tx, reach, { from: schedules, where, notFound });
};

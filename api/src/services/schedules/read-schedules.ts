import {
  type ListSchedulesQuery,
  type ScheduleDetail,
  type ScheduleList,
  type ScheduleSummary,
  timesShown,
} from '@everwave/schema/api';
import { toLoggable, withOrg } from '@everwave/schema/db';
import { flowIdSchema, runIdSchema, triggerIdSchema } from '@everwave/schema/ids';
import type { ServiceContext } from '../../context.ts';
import { idOfCursor, toPage } from '../page.ts';
import { findSchedules, getSchedule, type ScheduleRow } from './find-schedules.ts';

/** Schedules of live flows, the newest first. */
export const listSchedules = async (context: ServiceContext, query: ListSchedulesQuery): Promise<ScheduleList> => {
  const { limit, flowId: flowIds } = query;
  const after = idOfCursor(query.cursor);
  const rows = await withOrg(context.db, context.caller.orgId, (tx) =>
    findSchedules(tx, context, { after, flowIds, limit: limit + 1 }),
  );
  return toPage(rows, limit, toSummary);
};

/** One with its next times. Also read while Temporal is away: then without them. */
export const readSchedule = async (context: ServiceContext, id: string): Promise<ScheduleDetail> => {
  const row = await withOrg(context.db, context.caller.orgId, (tx) => getSchedule(tx, context, id));
  return { ...toSummary(row), nextTimes: await nextTimesOf(context, row) };
};

const nextTimesOf = async ({ temporal, log }: ServiceContext, { row }: ScheduleRow): Promise<string[] | null> => {
  // What Temporal says of another revision would be wrong.
  if (row.appliedRevision !== row.revision) return null;
  try {
    const times = await temporal.nextTimes(row);
    return times && times.slice(0, timesShown).map((time) => time.toISOString());
  } catch (error) {
    log.warn('the next times of a schedule are not known', { triggerId: row.triggerId, error: toLoggable(error) });
    return null;
  }
};

const toSummary = ({ row, nodeId, flowName, flowStatus, lastFire }: ScheduleRow): ScheduleSummary => {
  const { times, timeZone, overlap, catchUpWindow, jitter } = row.schedule;
  return {
    id: triggerIdSchema.parse(row.triggerId),
    flowId: flowIdSchema.parse(row.flowId),
    flowName,
    flowStatus,
    nodeId,
    times,
    timeZone,
    overlap,
    catchUpWindow,
    jitter,
    pause: row.pausedAt && {
      at: row.pausedAt.toISOString(),
      by: row.pausedBy ?? '',
      reason: row.pauseReason ?? '',
    },
    isApplied: row.appliedRevision === row.revision,
    lastError: row.lastError,
    lastFire: lastFire && { ...lastFire, runId: lastFire.runId === null ? null : runIdSchema.parse(lastFire.runId) },
  };
};

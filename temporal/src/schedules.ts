import type { Schedule, ScheduleTimes } from '@everwave/schema/flow';
import { fireTriggerType, scheduleIdOf, triggerOfSchedule } from '@everwave/schema/run';
import {
  type Client,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client';
import { msNumberToTs, tsToDate } from '@temporalio/common/lib/time.js';
import { priorityOf, workflowTaskQueue } from './task-queues.ts';

export interface ScheduleAddress {
  readonly orgId: string;
  readonly triggerId: string;
}

/** What Temporal is to have. */
export interface DesiredSchedule extends ScheduleAddress {
  readonly schedule: Schedule;
  readonly isPaused: boolean;
  /** Tells an older wish from a newer one. */
  readonly revision: number;
}

export interface FoundSchedule extends ScheduleAddress {
  /** Null for one that something else than Everwave has written. */
  readonly revision: number | null;
  readonly isPaused: boolean;
}

/** gRPC's code for what is not there. */
const notFound = 5;

/** Milliseconds. */
const margin = 2_000;

const noteOf = (revision: number): string => `Everwave, revision ${revision}`;
const revisionOf = (note: string | undefined): number | null => {
  const revision = /^Everwave, revision (\d+)$/.exec(note ?? '')?.[1];
  return revision === undefined ? null : Number(revision);
};

/** Creates the schedule, or makes it what it is to be: safe to repeat. */
export const putSchedule = async (client: Client, desired: DesiredSchedule): Promise<void> => {
  const wanted = toOptions(desired);
  const update = () => client.schedule.getHandle(wanted.scheduleId).update(() => wanted);
  try {
    await update();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    try {
      await client.schedule.create(wanted);
    } catch (raced) {
      if (!(raced instanceof ScheduleAlreadyRunning)) throw raced;
      await update();
    }
  }
};

const toOptions = ({ orgId, triggerId, schedule, isPaused, revision }: DesiredSchedule) => {
  const scheduleId = scheduleIdOf(orgId, triggerId);
  return {
    scheduleId,
    spec: { ...toSpec(schedule.times), timezone: schedule.timeZone },
    // Without arguments: they would be sealed to this id, and each workflow has another.
    action: {
      type: 'startWorkflow',
      workflowType: fireTriggerType,
      workflowId: scheduleId,
      taskQueue: workflowTaskQueue,
      args: [],
      priority: priorityOf(orgId),
      staticSummary: 'A schedule fires',
    },
    // What may overlap are runs, and Everwave decides that: the workflow only says that it is time.
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: schedule.catchUpWindow },
    state: { paused: isPaused, note: noteOf(revision) },
  } as const;
};

const toSpec = (times: ScheduleTimes): ScheduleSpec => {
  if ('cron' in times) return { cronExpressions: [times.cron] };
  if ('interval' in times) return { intervals: [{ every: times.interval }] };
  const { time, weekdays, monthDays, months } = times.calendar;
  const [hour, minute] = time.split(':').map(Number);
  const list = (values: readonly (number | string)[]): string => (values.length === 0 ? '*' : values.join(','));
  return { cronExpressions: [`${minute} ${hour} ${list(monthDays)} ${list(months)} ${list(weekdays)}`] };
};

/** Safe to repeat: one that is not there is removed. */
export const removeSchedule = async (client: Client, { orgId, triggerId }: ScheduleAddress): Promise<void> => {
  try {
    await client.schedule.getHandle(scheduleIdOf(orgId, triggerId)).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
};

/** Every schedule of ours that Temporal has; a change of the last seconds may not show yet. */
export const listSchedules = async (client: Client): Promise<FoundSchedule[]> => {
  const found: FoundSchedule[] = [];
  for await (const { scheduleId, state } of client.schedule.list({ pageSize: 500 })) {
    const address = triggerOfSchedule(scheduleId);
    if (address) found.push({ ...address, revision: revisionOf(state.note), isPaused: state.paused });
  }
  return found;
};

/** The next times as Temporal computes them, also of a paused schedule; null while Temporal has no such schedule. */
export const nextTimes = async (
  client: Client,
  { orgId, triggerId }: ScheduleAddress,
): Promise<readonly Date[] | null> => {
  try {
    const { info } = await client.schedule.getHandle(scheduleIdOf(orgId, triggerId)).describe();
    return info.nextActionTimes;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
};

/** Every time in a span, both ends included, as Temporal computes them; null while Temporal has no such schedule. */
export const timesWithin = async (
  client: Client,
  { orgId, triggerId }: ScheduleAddress,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<readonly Date[] | null> => {
  try {
    const { startTime } = await client.workflowService.listScheduleMatchingTimes({
      namespace: client.options.namespace,
      scheduleId: scheduleIdOf(orgId, triggerId),
      // Whether Temporal counts the ends of a span is not said anywhere; times are whole seconds.
      startTime: msNumberToTs(from.getTime() - margin),
      endTime: msNumberToTs(to.getTime() + margin),
    });
    return startTime.map(tsToDate).filter((time) => time >= from && time <= to);
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === notFound) return null;
    throw error;
  }
};

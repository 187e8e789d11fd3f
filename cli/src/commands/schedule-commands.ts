import {
  backfilledSchema,
  type ScheduleDetail,
  scheduleListSchema,
  scheduleSchema,
  type ScheduleSummary,
  startedRunSchema,
} from '@everwave/schema/api';
import { type Command, positional, UsageError } from '../command.ts';
import { table } from '../format.ts';

const json = { type: 'boolean' } as const;
const text = { type: 'string' } as const;

const addressOf = (positionals: readonly string[]): string =>
  `/v1/schedules/${encodeURIComponent(positional(positionals, 0, 'scheduleId'))}`;

export const scheduleList: Command = {
  usage: 'schedule list [--flow <flowId>] [--json]',
  summary: 'Lists the schedules of live flows, and how the last time of each went.',
  options: { flow: text, json },
  async run({ client, options, print }) {
    const { flow } = options;
    const query = typeof flow === 'string' ? `&flowId=${encodeURIComponent(flow)}` : '';
    const { items } = await client.get(`/v1/schedules?limit=100${query}`, scheduleListSchema);
    if (options['json']) return print(JSON.stringify(items, null, 2));
    print(
      table([
        ['SCHEDULE', 'STATE', 'TIMES', 'ZONE', 'LAST', 'FLOW'],
        ...items.map((schedule) => [
          schedule.id,
          stateOf(schedule),
          timesOf(schedule),
          schedule.timeZone,
          schedule.lastFire ? `${schedule.lastFire.scheduledAt} ${schedule.lastFire.status}` : '–',
          schedule.flowName,
        ]),
      ]),
    );
  },
};

export const scheduleShow: Command = {
  usage: 'schedule show <scheduleId> [--json]',
  summary: 'Shows a schedule with its next times.',
  options: { json },
  async run({ client, positionals, options, print }) {
    const schedule = await client.get(addressOf(positionals), scheduleSchema);
    print(options['json'] ? JSON.stringify(schedule, null, 2) : describeSchedule(schedule));
  },
};

export const schedulePause: Command = {
  usage: 'schedule pause <scheduleId> --reason <text>',
  summary: 'Lets no time start a run until it is resumed.',
  options: { reason: text },
  async run({ client, positionals, options, print }) {
    const { reason } = options;
    if (typeof reason !== 'string') throw new UsageError('Missing --reason: the next person will ask why.');
    print(describeSchedule(await client.post(`${addressOf(positionals)}/pause`, { reason }, scheduleSchema)));
  },
};

export const scheduleResume: Command = {
  usage: 'schedule resume <scheduleId>',
  summary: 'Goes on with the next time.',
  options: {},
  async run({ client, positionals, print }) {
    print(describeSchedule(await client.post(`${addressOf(positionals)}/resume`, {}, scheduleSchema)));
  },
};

export const scheduleTrigger: Command = {
  usage: 'schedule trigger <scheduleId>',
  summary: 'Starts a run now, as if it were time.',
  options: {},
  async run({ client, positionals, print }) {
    const { runId, url } = await client.post(`${addressOf(positionals)}/trigger`, {}, startedRunSchema);
    print(`${runId}  ${url}`);
  },
};

export const scheduleBackfill: Command = {
  usage: 'schedule backfill <scheduleId> --from <moment> --to <moment>',
  summary: 'Starts a run for each time of a span that has none: 2026-03-01T00:00:00Z.',
  options: { from: text, to: text },
  async run({ client, positionals, options, print }) {
    const { from, to } = options;
    if (typeof from !== 'string' || typeof to !== 'string') throw new UsageError('Say --from and --to.');
    const done = await client.post(`${addressOf(positionals)}/backfill`, { from, to }, backfilledSchema);
    const { times, started, repeated, skipped } = done;
    print(`${times} times: ${started} runs started, ${repeated} had theirs already, ${skipped} skipped by the limits.`);
  },
};

const stateOf = ({ pause, flowStatus, isApplied }: ScheduleSummary): string => {
  if (pause) return 'paused';
  if (flowStatus !== 'active') return 'flow off';
  return isApplied ? 'on' : 'not in Temporal yet';
};

const timesOf = ({ times }: ScheduleSummary): string => {
  if ('cron' in times) return times.cron;
  if ('interval' in times) return `every ${times.interval / 1_000} s`;
  const { time, weekdays, monthDays, months } = times.calendar;
  const days = [...weekdays, ...monthDays.map((day) => `day ${day}`), ...months.map((month) => `month ${month}`)];
  return days.length === 0 ? time : `${time} on ${days.join(', ')}`;
};

const describeSchedule = (schedule: ScheduleDetail): string => {
  const { flowName, nodeId, timeZone, pause, lastError, nextTimes } = schedule;
  return [
    `${flowName} · ${nodeId} · ${stateOf(schedule)}`,
    `${timesOf(schedule)} (${timeZone}), overlap ${schedule.overlap}`,
    ...(pause ? [`paused ${pause.at} by ${pause.by}: ${pause.reason}`] : []),
    ...(lastError === null ? [] : [`Temporal was not told yet: ${lastError}`]),
    ...(nextTimes === null
      ? ['Its next times are not known now.']
      : ['next:', ...nextTimes.map((time) => `  ${time}`)]),
  ].join('\n');
};

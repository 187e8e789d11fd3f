import { toMilliseconds } from '../duration.ts';
import type { GraphNode } from '../graph.ts';
import { type Schedule, scheduleInputSchema, type ScheduleTimes } from './schedule.ts';

export const scheduleKind = 'trigger.schedule';

/** When a trigger of a drawing that has passed validation starts runs; null for one that is no schedule. */
export const scheduleOf = ({ kind, input }: Pick<GraphNode, 'kind' | 'input'>): Schedule | null => {
  if (kind !== scheduleKind) return null;
  const { cron, interval, calendar, timeZone, overlap, catchUpWindow, jitter, body } = scheduleInputSchema.parse(input);
  const times: ScheduleTimes | null =
    cron === undefined
      ? interval === undefined
        ? calendar === undefined
          ? null
          : { calendar }
        : { interval: toMilliseconds(interval) }
      : { cron: cron.trim() };
  if (times === null) throw new TypeError('The schedule says no times.');
  return {
    times,
    timeZone,
    overlap,
    catchUpWindow: toMilliseconds(catchUpWindow),
    jitter: jitter === undefined ? 0 : toMilliseconds(jitter),
    body,
  };
};

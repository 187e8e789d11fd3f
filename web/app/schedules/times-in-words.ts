import type { ScheduleSummary } from '@everwave/schema/api';

const units = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const;

const everyInWords = (interval: number): string => {
  const [size, unit] = units.find(([each]) => interval % each === 0) ?? units[3];
  const count = interval / size;
  return count === 1 ? `Every ${unit}` : `Every ${count} ${unit}s`;
};

/** When a schedule fires, as its heading says it. */
export const timesInWords = ({ times }: Pick<ScheduleSummary, 'times'>): string => {
  if ('cron' in times) return times.cron;
  if ('interval' in times) return everyInWords(times.interval);
  const { time, weekdays, monthDays, months } = times.calendar;
  const days = [
    weekdays.map((day) => day.charAt(0) + day.slice(1).toLowerCase()).join(', '),
    monthDays.length > 0 ? `day ${monthDays.join(', ')}` : '',
    months.length > 0 ? `month ${months.join(', ')}` : '',
  ].filter((words) => words !== '');
  return days.length === 0 ? `Daily at ${time}` : `At ${time}, ${days.join(', ')}`;
};

/** A time as the clocks of the schedule's zone show it. */
export const inZone = (at: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(new Date(at));

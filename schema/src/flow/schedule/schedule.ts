import * as z from 'zod';
import { value } from '../conditions.ts';
import { durationSchema } from '../graph.ts';
import type { Json } from '../plan.ts';

export const overlapPolicies = ['skip', 'bufferOne', 'bufferAll', 'allow'] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

const weekdays = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;

const calendarSchema = z.strictObject({
  time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .meta({ title: 'Time of day', literal: true, message: 'is a time from 00:00 to 23:59' }),
  weekdays: z
    .array(z.enum(weekdays))
    .max(7)
    .default([])
    .meta({ title: 'Days of the week', description: 'None means every day.', literal: true }),
  monthDays: z
    .array(z.int().min(1).max(31))
    .max(31)
    .default([])
    .meta({ title: 'Days of the month', description: 'None means every day.', literal: true }),
  months: z
    .array(z.int().min(1).max(12))
    .max(12)
    .default([])
    .meta({ title: 'Months', description: 'From 1 to 12; none means every month.', literal: true }),
});

/** What a person sets on a trigger that starts runs at times. Exactly one of cron, interval and calendar says when. */
export const scheduleInputSchema = z.strictObject({
  cron: z.string().max(200).optional().meta({
    title: 'Cron',
    description: 'Minute, hour, day of the month, month, day of the week: 30 9 * * MON-FRI.',
    literal: true,
  }),
  interval: durationSchema.optional().meta({
    title: 'Interval',
    description: 'Every so often, counted from 1 January 1970 UTC: 15m is at :00, :15, :30 and :45.',
    widget: 'duration',
    literal: true,
  }),
  calendar: calendarSchema.optional().meta({ title: 'Calendar', description: 'At a time of day, on chosen days.' }),
  timeZone: z.string().min(1).max(60).default('UTC').meta({
    title: 'Time zone',
    description: 'In which cron and calendar are read: Europe/Berlin. Its summer time is followed.',
    literal: true,
  }),
  overlap: z
    .enum(overlapPolicies)
    .default('skip')
    .meta({
      title: 'When the last run is still under way',
      labels: {
        skip: 'Skip this time',
        bufferOne: 'Wait for it; of several times that wait, only one runs',
        bufferAll: 'Wait for it, each time',
        allow: 'Start beside it',
      },
      literal: true,
    }),
  catchUpWindow: durationSchema.default('10m').meta({
    title: 'Catch up',
    description: 'Times missed while Temporal was down run later, unless they are older than this.',
    widget: 'duration',
    literal: true,
  }),
  jitter: durationSchema.optional().meta({
    title: 'Jitter',
    description: 'Each start is put off by chance, at most by so much.',
    widget: 'duration',
    literal: true,
  }),
  body: z.record(z.string(), value).default({}).meta({
    title: 'Input',
    description: 'What the run reads as trigger.body.',
    widget: 'pairs',
    literal: true,
  }),
});

/** When a schedule fires. */
export type ScheduleTimes =
  | { readonly cron: string }
  /** Milliseconds. */
  | { readonly interval: number }
  | { readonly calendar: z.infer<typeof calendarSchema> };

/** What a schedule of a published flow says, in one shape. */
export interface Schedule {
  readonly times: ScheduleTimes;
  readonly timeZone: string;
  readonly overlap: OverlapPolicy;
  /** Milliseconds, like `jitter`. */
  readonly catchUpWindow: number;
  readonly jitter: number;
  readonly body: Json;
}

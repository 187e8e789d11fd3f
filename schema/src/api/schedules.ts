import * as z from 'zod';
import { overlapPolicies } from '../flow/schedule/schedule.ts';
import { flowIdSchema, runIdSchema, triggerIdSchema } from '../ids.ts';
import { deliveryStatusSchema } from './deliveries.ts';
import { flowStatusSchema } from './flows.ts';
import { momentSchema, oneOrMany, pageOf, pageQuery } from './values.ts';

/** Fires that one backfill makes up for. */
export const mostBackfilled = 500;
/** Times that are shown of a schedule. */
export const timesShown = 10;

export const scheduleSummarySchema = z
  .object({
    id: triggerIdSchema.meta({ description: 'The id of the trigger.' }),
    flowId: flowIdSchema,
    flowName: z.string(),
    flowStatus: flowStatusSchema,
    nodeId: z.string().meta({ description: 'The step of the drawing.' }),
    times: z.union([
      z.object({ cron: z.string() }),
      z.object({ interval: z.int().meta({ description: 'Milliseconds.' }) }),
      z.object({
        calendar: z.object({
          time: z.string(),
          weekdays: z.array(z.string()),
          monthDays: z.array(z.int()),
          months: z.array(z.int()),
        }),
      }),
    ]),
    timeZone: z.string(),
    overlap: z.enum(overlapPolicies),
    catchUpWindow: z.int().meta({ description: 'Milliseconds.' }),
    jitter: z.int().meta({ description: 'Milliseconds.' }),
    pause: z
      .object({ at: momentSchema, by: z.string(), reason: z.string() })
      .nullable()
      .meta({ description: 'Null for one that a person has not paused. It also rests while its flow is off.' }),
    isApplied: z.boolean().meta({ description: 'Temporal has confirmed that it has the schedule as it is.' }),
    lastError: z.string().nullable().meta({ description: 'Why Temporal has not confirmed it yet.' }),
    lastFire: z
      .object({ scheduledAt: z.string(), status: deliveryStatusSchema, runId: runIdSchema.nullable() })
      .nullable(),
  })
  .meta({ id: 'ScheduleSummary' });

export const scheduleSchema = scheduleSummarySchema
  .extend({
    nextTimes: z
      .array(momentSchema)
      .nullable()
      .meta({
        description: `The next ${timesShown} times as Temporal computes them, also while it is paused; null when Temporal does not answer, or has no such schedule yet.`,
      }),
  })
  .meta({ id: 'Schedule' });

export const scheduleListSchema = pageOf(scheduleSummarySchema).meta({ id: 'ScheduleList' });

export const listSchedulesQuerySchema = z.object({ ...pageQuery, flowId: oneOrMany(flowIdSchema).optional() });

export const pauseScheduleRequestSchema = z
  .strictObject({ reason: z.string().trim().min(1).max(500) })
  .meta({ id: 'PauseSchedule' });

export const backfillRequestSchema = z
  .strictObject({ from: momentSchema, to: momentSchema.meta({ description: 'Included, and not in the future.' }) })
  .meta({ id: 'Backfill' });

export const backfilledSchema = z
  .object({
    times: z.int().meta({ description: 'Times within the span.' }),
    started: z.int().meta({ description: 'Runs that are stored and will start.' }),
    repeated: z.int().meta({ description: 'Times for which there was a run, or a skipped fire, already.' }),
    skipped: z.int().meta({ description: 'Times that the limits of the flow skipped.' }),
  })
  .meta({ id: 'Backfilled' });

export type ScheduleSummary = z.infer<typeof scheduleSummarySchema>;
export type ScheduleDetail = z.infer<typeof scheduleSchema>;
export type ScheduleList = z.infer<typeof scheduleListSchema>;
export type ListSchedulesQuery = z.output<typeof listSchedulesQuerySchema>;
export type Backfill = z.infer<typeof backfillRequestSchema>;
export type Backfilled = z.infer<typeof backfilledSchema>;

import * as z from 'zod';
import { whenFullChoices } from '../run/limits.ts';

const most = 100_000;
const atOnce = z.int().min(1).max(most).nullable();
const longestWindow = 86_400;

const rateFields = {
  count: z.int().min(1).max(most),
  seconds: z.int().min(1).max(longestWindow).meta({ description: 'Within so many seconds; at most a day.' }),
};

export const runLimitSchema = z
  .strictObject({
    atOnce: atOnce.default(null).meta({ description: 'Runs that are under way at the same time.' }),
    rate: z.strictObject(rateFields).nullable().default(null).meta({ description: 'Runs that begin.' }),
  })
  .meta({ id: 'RunLimit' });

export const flowRunLimitSchema = runLimitSchema
  .extend({
    whenFull: z.enum(whenFullChoices).default('wait').meta({
      description:
        'What becomes of a run over the limit: it waits, is refused with 429, is skipped, or the oldest is cancelled for it.',
    }),
  })
  .refine(({ whenFull, atOnce: places }) => whenFull !== 'replace' || places !== null, {
    path: ['atOnce'],
    message: 'Say how many runs there may be at once: the newest replaces the oldest of them.',
  })
  .meta({ id: 'FlowRunLimit' });

export const stepLimitSchema = z
  .strictObject({
    atOnce: atOnce.default(null).meta({ description: 'Steps that are executed at the same time.' }),
    rate: z
      .strictObject({
        ...rateFields,
        burst: z
          .int()
          .min(1)
          .max(most)
          .optional()
          .meta({ description: 'How many may begin at once after a pause; without it, what one second brings.' }),
      })
      .nullable()
      .default(null)
      .meta({ description: 'Steps that begin.' }),
  })
  .meta({ id: 'StepLimit' });

const placesSchema = z
  .object({ running: z.int(), waiting: z.int() })
  .meta({ id: 'PlacesInUse', description: 'How many have a place now, and how many wait for one.' });

const unlimitedRuns = { atOnce: null, rate: null };
const unlimitedFlow = { ...unlimitedRuns, whenFull: 'wait' as const };
const unlimitedSteps = { atOnce: null, rate: null };

export const setOrgLimitsRequestSchema = z
  .strictObject({
    runs: runLimitSchema.default(unlimitedRuns),
    eachFlow: flowRunLimitSchema
      .default(unlimitedFlow)
      .meta({ description: 'Holds for every flow that has no limit of its own.' }),
    steps: stepLimitSchema.default(unlimitedSteps),
  })
  .meta({ id: 'SetOrgLimitsRequest' });

export const orgLimitsSchema = z
  .object({
    runs: runLimitSchema,
    eachFlow: flowRunLimitSchema,
    steps: stepLimitSchema,
    usage: z.object({ runs: placesSchema, steps: placesSchema }),
  })
  .meta({ id: 'OrgLimits' });

export const setFlowLimitsRequestSchema = z
  .strictObject({
    runs: flowRunLimitSchema
      .nullable()
      .default(null)
      .meta({ description: 'null: what the org has set for each flow.' }),
    steps: stepLimitSchema.default(unlimitedSteps),
    nodes: z
      .record(z.string().max(40), stepLimitSchema)
      .default({})
      .meta({ description: 'Limits of single steps, by the id of their node.' }),
  })
  .meta({ id: 'SetFlowLimitsRequest' });

export const flowLimitsSchema = z
  .object({
    runs: flowRunLimitSchema.nullable(),
    eachFlow: flowRunLimitSchema.meta({ description: 'What holds when `runs` is null.' }),
    steps: stepLimitSchema,
    nodes: z.record(z.string(), stepLimitSchema),
    usage: z.object({ runs: placesSchema, steps: placesSchema }),
  })
  .meta({ id: 'FlowLimits' });

export const setConnectionLimitsRequestSchema = z
  .strictObject({ steps: stepLimitSchema.default(unlimitedSteps) })
  .meta({ id: 'SetConnectionLimitsRequest' });

export const connectionLimitsSchema = z
  .object({ steps: stepLimitSchema, usage: z.object({ steps: placesSchema }) })
  .meta({ id: 'ConnectionLimits' });

/** Why a run that is queued has not begun: it has no place yet. */
export const placeWaitSchema = z
  .object({
    limit: z.enum(['flow', 'org']).meta({ description: 'Whose limit is full.' }),
    atOnce: z.int().nullable(),
    running: z.int(),
    before: z.int().meta({ description: 'Runs that wait for the same and came earlier.' }),
    message: z.string(),
  })
  .meta({ id: 'PlaceWait' });

export type OrgLimits = z.infer<typeof orgLimitsSchema>;
export type SetOrgLimits = z.output<typeof setOrgLimitsRequestSchema>;
export type FlowLimits = z.infer<typeof flowLimitsSchema>;
export type SetFlowLimits = z.output<typeof setFlowLimitsRequestSchema>;
export type ConnectionLimits = z.infer<typeof connectionLimitsSchema>;
export type SetConnectionLimits = z.output<typeof setConnectionLimitsRequestSchema>;
export type PlaceWait = z.infer<typeof placeWaitSchema>;

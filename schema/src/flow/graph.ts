import * as z from 'zod';
import { stepIdSchema } from '../ids.ts';
import type { Duration, Json } from './plan.ts';

const deepest = 64;

const isJson = (value: unknown, depth: number): boolean => {
  if (depth > deepest) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).every((member) => isJson(member, depth + 1));
  }
  return value === null || Number.isFinite(value) || ['boolean', 'string'].includes(typeof value);
};

/**
 * JSON of bounded depth, so that whatever walks it ends before its stack does. Named and typed for OpenAPI, whose
 * generator would follow a recursive schema for ever.
 */
export const jsonSchema = z
  .unknown()
  .refine((value) => isJson(value, 0), `Only JSON, at most ${deepest} levels deep, is accepted.`)
  .meta({
    id: 'Json',
    description: 'Any JSON value.',
    type: ['null', 'boolean', 'number', 'string', 'array', 'object'],
  }) as unknown as z.ZodType<Json, Json>;

export const durationSchema = z
  .string()
  .regex(/^\d{1,6}(ms|s|m|h|d)$/, 'Write a duration as a number and a unit: 500ms, 15s, 10m, 2h, 30d.')
  .meta({ message: 'is a number and a unit: 500ms, 15s, 10m, 2h, 30d' }) as unknown as z.ZodType<Duration, Duration>;

/** A builder's changes to a node's own policy, within the bounds that `compile` checks. */
export const nodePolicySchema = z.strictObject({
  maximumAttempts: z.int().min(1).max(100).optional(),
  initialInterval: durationSchema.optional(),
  maximumInterval: durationSchema.optional(),
  startToCloseTimeout: durationSchema.optional(),
  scheduleToCloseTimeout: durationSchema.optional(),
  onFailure: z.enum(['park', 'fail', 'continue']).optional(),
});

export const graphNodeSchema = z.strictObject({
  id: stepIdSchema,
  /** `trigger.webhook`, `control.condition`, `slack.postMessage`. */
  kind: z.string().regex(/^[a-z][a-zA-Z0-9]*\.[a-z][a-zA-Z0-9]*$/),
  version: z.int().min(1).max(999).default(1),
  /** The author's words for this step. */
  title: z.string().min(1).max(120),
  /** Authored values by field; strings may hold `{{ expression }}` segments. */
  input: z.record(z.string(), jsonSchema).default({}),
  connectionId: z.string().nullable().default(null),
  policy: nodePolicySchema.default({}),
  position: z.strictObject({ x: z.number(), y: z.number() }).default({ x: 0, y: 0 }),
  /** The region node that frames this one; absent in the flow itself. */
  parent: stepIdSchema.optional(),
  note: z.string().max(2_000).optional(),
});

export const graphEdgeSchema = z.strictObject({
  id: z.string().min(1).max(120),
  from: stepIdSchema,
  /** `out`, `true`, `false`, `error`, `default`, a switch case's port, or `compensate`: it leads to the undo step. */
  port: z.string().min(1).max(60).default('out'),
  to: stepIdSchema,
});

export const flowSettingsSchema = z.strictObject({
  /** Absent: a flow that answers a waiting caller fails, any other waits for a person. */
  onFailure: z.enum(['park', 'fail', 'continue']).optional(),
  parkLimit: durationSchema.default('30d'),
  runTimeout: durationSchema.default('30d'),
  /** `express`: steps that may be repeated run inside the workflow task, for speed; see docs/lanes.md. */
  lane: z.enum(['durable', 'express']).default('durable'),
  /** A run that is cancelled undoes what it has done, as one that fails does. */
  compensateOnCancel: z.boolean().default(true),
});

/** What a builder draws. Stored as a draft, published as an immutable version. */
export const flowGraphSchema = z.strictObject({
  graphVersion: z.literal(1).default(1),
  nodes: z.array(graphNodeSchema).max(1_000),
  edges: z.array(graphEdgeSchema).max(5_000),
  settings: flowSettingsSchema.default({
    parkLimit: '30d',
    runTimeout: '30d',
    lane: 'durable',
    compensateOnCancel: true,
  }),
});

export type GraphNode = z.infer<typeof graphNodeSchema>;
export type GraphEdge = z.infer<typeof graphEdgeSchema>;
export type FlowSettings = z.infer<typeof flowSettingsSchema>;
export type FlowGraph = z.infer<typeof flowGraphSchema>;
export type FlowGraphInput = z.input<typeof flowGraphSchema>;

import * as z from 'zod';
import { flowGraphSchema, graphNodeSchema, jsonSchema } from '../flow/graph.ts';
import { flowIdSchema, folderIdSchema, runIdSchema, triggerIdSchema } from '../ids.ts';
import { runStatuses } from '../run/status.ts';
import { permissions } from './permissions.ts';
import { oneOrMany, momentSchema, pageOf, pageQuery } from './values.ts';

export const flowStatusSchema = z.enum(['inactive', 'active', 'archived']);

const nameSchema = z.string().trim().min(1).max(120);
const descriptionSchema = z.string().max(2_000);
const tagSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9][a-z0-9 _.-]{0,39}$/,
    'A tag starts with a letter or digit and holds at most 40 of a-z 0-9 space _ . -',
  );
const tagsSchema = z.array(tagSchema).max(20);

/** A way into a flow. A webhook's `url` holds 128 random bits: whoever knows it can start runs. */
export const flowTriggerSchema = z
  .object({
    id: triggerIdSchema,
    nodeId: z.string(),
    kind: z.string(),
    url: z.url().nullable(),
    signatureRequired: z.boolean(),
    hasSigningSecret: z.boolean(),
    answer: z.enum(['acknowledge', 'result']).meta({
      description: 'Whether a caller of the webhook is answered at once, or with what the run says.',
    }),
    enabled: z.boolean(),
  })
  .meta({ id: 'FlowTrigger' });

const flowFields = {
  id: flowIdSchema,
  name: z.string(),
  version: z.int().nullable().meta({ description: 'The live version; null before the first publish.' }),
  createdAt: momentSchema,
  updatedAt: momentSchema,
  description: z.string(),
  tags: z.array(z.string()),
  folderId: folderIdSchema.nullable(),
  status: flowStatusSchema,
  may: z.array(z.enum(permissions)).meta({
    description:
      'What you may do with this flow: by your role, as far as the flow is not kept from you, and by grants.',
  }),
  draftRevision: z.int().meta({ description: 'Rises with every saved draft; a save names the one it changed.' }),
  changedSincePublish: z.boolean().meta({ description: 'True when the draft differs from the live version.' }),
};

export const flowSummarySchema = z
  .object({
    ...flowFields,
    triggerKinds: z.array(z.string()),
    stepCount: z.int(),
    lastRun: z.object({ id: runIdSchema, status: z.enum(runStatuses), createdAt: momentSchema }).nullable(),
  })
  .meta({ id: 'FlowSummary' });

/** A flow with its draft. `steps` are the draft's nodes, `graph` is the whole drawing. */
export const flowSchema = z
  .object({
    ...flowFields,
    steps: z.array(graphNodeSchema),
    metadata: z.record(z.string(), z.string()).optional(),
    graph: flowGraphSchema,
    triggers: z.array(flowTriggerSchema),
  })
  .meta({ id: 'Flow' });

export const listFlowsQuerySchema = z.object({
  ...pageQuery,
  search: z.string().trim().min(1).max(120).optional().meta({ description: 'Part of the name or description.' }),
  tag: oneOrMany(tagSchema).optional().meta({ description: 'Flows that carry all of these tags.' }),
  status: oneOrMany(flowStatusSchema).optional().meta({ description: 'Without it: all but archived flows.' }),
  folderId: folderIdSchema.optional().meta({ description: 'Flows of this folder.' }),
});

export const flowListSchema = pageOf(flowSummarySchema).meta({ id: 'FlowList' });

export const createFlowRequestSchema = z
  .strictObject({
    name: nameSchema,
    description: descriptionSchema.default(''),
    tags: tagsSchema.default([]),
    graph: flowGraphSchema.optional(),
  })
  .meta({ id: 'CreateFlowRequest' });

export const updateFlowRequestSchema = z
  .strictObject({ name: nameSchema.optional(), description: descriptionSchema.optional() })
  .meta({ id: 'UpdateFlowRequest' });

export const saveDraftRequestSchema = z
  .strictObject({
    draftRevision: z.int().min(1).meta({ description: 'The revision this change started from.' }),
    graph: flowGraphSchema,
  })
  .meta({ id: 'SaveDraftRequest' });

export const setTagsRequestSchema = z.strictObject({ tags: tagsSchema }).meta({ id: 'SetTagsRequest' });

export const tagListSchema = z
  .object({ items: z.array(z.object({ tag: z.string(), flows: z.int() })) })
  .meta({ id: 'TagList' });

export const flowIssueSchema = z
  .object({
    severity: z.enum(['error', 'warning']),
    code: z.string(),
    message: z.string(),
    path: z.string(),
    nodeId: z.string().optional(),
    edgeId: z.string().optional(),
    field: z.string().optional(),
  })
  .meta({ id: 'FlowIssue', description: 'One thing wrong with a flow, with its place on the canvas.' });

export const validateFlowRequestSchema = z
  .strictObject({ graph: flowGraphSchema.optional().meta({ description: 'Without it, the saved draft is checked.' }) })
  .meta({ id: 'ValidateFlowRequest' });

export const validateFlowReplySchema = z
  .object({ valid: z.boolean(), issues: z.array(flowIssueSchema) })
  .meta({ id: 'ValidateFlowReply' });

export const publishFlowRequestSchema = z
  .strictObject({
    draftRevision: z.int().min(1).optional().meta({ description: 'Publishes only if the draft is still this one.' }),
    note: z.string().max(500).default(''),
  })
  .meta({ id: 'PublishFlowRequest' });

export const flowVersionSummarySchema = z
  .object({
    flowId: flowIdSchema,
    version: z.int(),
    planHash: z.string(),
    note: z.string(),
    publishedBy: z.string().nullable(),
    publishedAt: momentSchema,
    live: z.boolean(),
  })
  .meta({ id: 'FlowVersionSummary' });

export const flowVersionSchema = flowVersionSummarySchema
  .extend({ graph: flowGraphSchema })
  .meta({ id: 'FlowVersion', description: 'Immutable: what was published, and what its runs execute.' });

export const flowVersionListSchema = pageOf(flowVersionSummarySchema).meta({ id: 'FlowVersionList' });

export const duplicateFlowRequestSchema = z
  .strictObject({ name: nameSchema.optional() })
  .meta({ id: 'DuplicateFlowRequest' });

export const exportFlowQuerySchema = z.object({
  version: z.coerce.number().int().min(1).optional().meta({ description: 'Without it, the draft.' }),
});

/** A flow as a file that travels between orgs: no ids of connections, no secrets. */
export const flowExportSchema = z
  .object({
    format: z.literal('everwave.flow'),
    formatVersion: z.literal(1),
    name: z.string(),
    description: z.string().optional(),
    tags: z.array(z.string()).readonly().optional(),
    graph: flowGraphSchema,
  })
  .meta({ id: 'FlowExport' });

/** What an export wrote; each field is checked by the import itself, which names what does not fit. */
export const importFlowRequestSchema = z.record(z.string(), jsonSchema).meta({ id: 'ImportFlowRequest' });

/** The secret with which a sender signs (Standard Webhooks, `whsec_…`); shown in this answer and never again. */
export const signingSecretSchema = z
  .object({ triggerId: triggerIdSchema, signingSecret: z.string() })
  .meta({ id: 'SigningSecret' });

/** A flow as the API shows it (DM-21). What identifies it never changes; `steps` and the rest may. */
export type Flow = Readonly<Pick<FlowFields, 'id' | 'name' | 'version' | 'createdAt'>> &
  Omit<FlowFields, 'id' | 'name' | 'version' | 'createdAt'>;
type FlowFields = z.infer<typeof flowSchema>;
export type FlowTrigger = z.infer<typeof flowTriggerSchema>;
export type FlowSummary = z.infer<typeof flowSummarySchema>;
export type FlowList = z.infer<typeof flowListSchema>;
export type ListFlowsQuery = z.output<typeof listFlowsQuerySchema>;
export type CreateFlowRequest = z.input<typeof createFlowRequestSchema>;
export type SaveDraftRequest = z.input<typeof saveDraftRequestSchema>;
export type FlowIssue = z.infer<typeof flowIssueSchema>;
export type ValidateFlowReply = z.infer<typeof validateFlowReplySchema>;
export type FlowVersionSummary = z.infer<typeof flowVersionSummarySchema>;
export type FlowVersion = z.infer<typeof flowVersionSchema>;
export type SigningSecret = z.infer<typeof signingSecretSchema>;

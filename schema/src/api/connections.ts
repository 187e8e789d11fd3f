import * as z from 'zod';
import { jsonSchema } from '../flow/graph.ts';
import { connectionIdSchema, flowIdSchema } from '../ids.ts';
import { momentSchema, oneOrMany, pageOf, pageQuery } from './values.ts';

const nameSchema = z.string().trim().min(1).max(120);
const fieldsSchema = z.record(z.string().max(120), jsonSchema);

export const connectionTestSchema = z
  .object({
    status: z.enum(['ok', 'failed']),
    message: z.string(),
    advice: z.string().optional(),
    testedAt: momentSchema,
  })
  .meta({ id: 'ConnectionTest' });

/** Its secret is write-only: no answer ever holds it, only the names of the fields that are set. */
export const connectionSchema = z
  .object({
    id: connectionIdSchema,
    name: z.string(),
    kind: z.string().meta({ description: 'Kind of its credential: `slack.bot`.' }),
    settings: fieldsSchema,
    secretFields: z.array(z.string()),
    usedBy: z
      .array(z.object({ flowId: flowIdSchema, name: z.string() }))
      .meta({ description: 'Live flows that use it.' }),
    lastTest: connectionTestSchema.nullable(),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .meta({ id: 'Connection' });

export const connectionListSchema = pageOf(connectionSchema).meta({ id: 'ConnectionList' });

export const listConnectionsQuerySchema = z.object({
  ...pageQuery,
  kind: oneOrMany(z.string().min(1).max(80)).optional(),
});

export const createConnectionRequestSchema = z
  .strictObject({
    name: nameSchema,
    kind: z.string().min(1).max(80),
    settings: fieldsSchema.default({}),
    secret: fieldsSchema.default({}),
  })
  .meta({ id: 'CreateConnectionRequest' });

export const updateConnectionRequestSchema = z
  .strictObject({
    name: nameSchema.optional(),
    settings: fieldsSchema.optional(),
    secret: fieldsSchema.optional().meta({ description: 'Replaces the whole secret; leave out to keep it.' }),
  })
  .meta({ id: 'UpdateConnectionRequest' });

export type Connection = z.infer<typeof connectionSchema>;
export type ConnectionTest = z.infer<typeof connectionTestSchema>;
export type CreateConnectionRequest = z.input<typeof createConnectionRequestSchema>;
export type UpdateConnectionRequest = z.input<typeof updateConnectionRequestSchema>;

import * as z from 'zod';
import { jsonSchema } from '../flow/graph.ts';
import type { CredentialManifest, NodeManifest } from '../node/manifest.ts';

const jsonSchemaDocument = z
  .record(z.string(), jsonSchema)
  .meta({ description: 'JSON Schema 2020-12 with form hints.' });

/** A node kind as data; see `NodeManifest`, whose type this schema's replies have. */
export const nodeManifestSchema = z
  .object({
    kind: z.string(),
    version: z.int(),
    title: z.string(),
    summary: z.string(),
    category: z.enum(['trigger', 'control', 'action']),
    connector: z.string(),
    input: jsonSchemaDocument,
    output: jsonSchemaDocument,
    ports: z
      .array(z.object({ id: z.string(), title: z.string() }))
      .nullable()
      .meta({ description: 'Fixed ways out; null when they depend on the input (switch).' }),
    frame: z.literal(true).optional().meta({ description: 'Holds other steps: their `parent` is its id.' }),
    credential: z.object({ kind: z.string(), optional: z.boolean() }).nullable(),
    effect: z.enum(['reads', 'writes', 'spends']).nullable(),
    readsWhen: z
      .object({ field: z.string(), oneOf: z.array(z.string()) })
      .optional()
      .meta({ description: 'The field of the input, and its values, with which a step of this kind only reads.' }),
    idempotency: z.record(z.string(), jsonSchema).nullable(),
    failures: z.record(z.string(), z.string()),
    activity: z.record(z.string(), jsonSchema).nullable(),
    meters: z.record(z.string(), z.object({ unit: z.string() })),
    examples: z.array(z.object({ title: z.string(), input: jsonSchema, output: jsonSchema })),
    deprecated: z.object({ use: z.string() }).nullable(),
  })
  .meta({ id: 'NodeManifest' });

export const credentialManifestSchema = z
  .object({
    kind: z.string(),
    title: z.string(),
    help: z.string(),
    secret: jsonSchemaDocument,
    settings: jsonSchemaDocument,
  })
  .meta({ id: 'CredentialManifest' });

export const nodeKindListSchema = z.object({ items: z.array(nodeManifestSchema) }).meta({ id: 'NodeKindList' });
export const credentialKindListSchema = z
  .object({ items: z.array(credentialManifestSchema) })
  .meta({ id: 'CredentialKindList' });

export interface NodeKindList {
  readonly items: readonly NodeManifest[];
}
export interface CredentialKindList {
  readonly items: readonly CredentialManifest[];
}

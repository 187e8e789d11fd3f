import * as z from 'zod';
import type { Json } from '../flow/plan.ts';
import type { CredentialDefinition } from './define-credential.ts';
import type { AnyNodeDefinition, Idempotency, ReadsWhen } from './define-node.ts';

/**
 * JSON Schema (2020-12) plus our hints from `.meta()`: `title`, `description`, `widget`, `placeholder`. Text with the
 * widget `code` is a program and never a template.
 */
export type JsonSchema = { readonly [key: string]: unknown };

/** One way out of a node. Working nodes have `out` and `error`; a switch has one per case. */
export interface Port {
  readonly id: string;
  readonly title: string;
}

/** A node kind as data: what palette, form, validation and compile need to know. No code crosses this boundary. */
export interface NodeManifest {
  readonly kind: string;
  readonly version: number;
  readonly title: string;
  readonly summary: string;
  readonly category: 'trigger' | 'control' | 'action';
  /** `slack`, `http`, or `core` for triggers and control nodes. */
  readonly connector: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  /** Fixed ways out. `null` when they depend on the node's input (switch: one per case, then `default`). */
  readonly ports: readonly Port[] | null;
  /** Holds other steps, whose `parent` is its id. */
  readonly frame?: true;
  readonly credential: { readonly kind: string; readonly optional: boolean } | null;
  readonly effect: 'reads' | 'writes' | 'spends' | null;
  /** When a step of this kind only reads, although others write. */
  readonly readsWhen?: ReadsWhen;
  readonly idempotency: Idempotency | null;
  readonly failures: { readonly [name: string]: string };
  readonly activity: AnyNodeDefinition['activity'] | null;
  readonly meters: { readonly [name: string]: { readonly unit: string } };
  readonly examples: readonly { readonly title: string; readonly input: Json; readonly output: Json }[];
  readonly deprecated: { readonly use: string } | null;
}

export interface CredentialManifest {
  readonly kind: string;
  readonly title: string;
  readonly help: string;
  readonly secret: JsonSchema;
  readonly settings: JsonSchema;
}

const toSchema = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;

/** What is done by an activity, and still is ours, stands with triggers and control. */
const connectorOf = (kind: string): string => {
  const [first = kind] = kind.split('.');
  return first === 'control' ? 'core' : first;
};

/** Throws when a schema cannot be written as JSON Schema (dates, output transforms): such a node has no form. */
export const toManifest = (definition: AnyNodeDefinition): NodeManifest => ({
  kind: definition.kind,
  version: definition.version,
  title: definition.title,
  summary: definition.summary,
  category: 'action',
  connector: connectorOf(definition.kind),
  input: toSchema(definition.input),
  output: toSchema(definition.output),
  ports: [
    { id: 'out', title: 'Done' },
    { id: 'error', title: 'Failed' },
  ],
  credential: definition.credential
    ? { kind: definition.credential.kind, optional: definition.credentialOptional ?? false }
    : null,
  effect: definition.effect,
  ...(definition.readsWhen && { readsWhen: definition.readsWhen }),
  idempotency: definition.idempotency,
  failures: definition.failures,
  activity: definition.activity,
  meters: definition.meters,
  examples: definition.examples as NodeManifest['examples'],
  deprecated: definition.deprecated ?? null,
});

export const toCredentialManifest = (definition: CredentialDefinition): CredentialManifest => ({
  kind: definition.kind,
  title: definition.title,
  help: definition.help,
  secret: toSchema(definition.secret),
  settings: toSchema(definition.settings),
});

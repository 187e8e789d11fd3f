import type { NodeManifest } from '../node/manifest.ts';
import { hasExpression } from './expression/template.ts';
import { isEditedGeneration } from './generation.ts';
import type { ActionStep, Json } from './plan.ts';

type Effect = Pick<ActionStep, 'effect' | 'idempotency' | 'whenEdited'>;

/** What a step does to the world: its node's way, unless the author's input says that it only reads. */
export const resolveEffect = (
  { effect, idempotency, readsWhen, input: schema }: NodeManifest,
  input: { readonly [field: string]: Json },
): Effect | null => {
  if (!effect || !idempotency) return null;
  const general = { effect, idempotency: idempotency.by };
  if (!readsWhen) return general;
  const value = input[readsWhen.field] ?? defaultOf(schema, readsWhen.field);
  const onlyReads = typeof value === 'string' && !hasExpression(value) && readsWhen.oneOf.includes(value);
  return onlyReads ? { effect: 'reads', idempotency: 'nature', whenEdited: general } : general;
};

const defaultOf = (schema: NodeManifest['input'], field: string): unknown =>
  (schema['properties'] as { readonly [name: string]: { readonly default?: unknown } } | undefined)?.[field]?.default;

/** What one execution of a step does to the world; another one, maybe, with an input that a person has edited. */
export const effectOf = (
  { effect, idempotency, whenEdited }: Effect,
  generation: number,
): Pick<ActionStep, 'effect' | 'idempotency'> =>
  isEditedGeneration(generation) && whenEdited ? whenEdited : { effect, idempotency };

import type { Json } from '@everwave/schema/flow';
import type { JsonSchema } from '@everwave/schema/node';
import { type Fields, fieldsOf } from '#app/schema-form/fields-of.ts';
import { toFormFields } from '#app/schema-form/form-fields.ts';

const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** A value as the form's default is spelled. */
const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * What a person changed in the form of one letter, as a JSON Merge Patch for the inputs of all: a field that was left as it
 * was stays as it is in each of them, and one that was emptied goes.
 */
export const toMergePatch = (schema: JsonSchema, before: Json | undefined, after: Fields): Fields => {
  const known = fieldsOf(before) ?? {};
  const patch: Record<string, Json> = {};
  for (const { name, fallback, kind } of toFormFields(schema)) {
    const [was, is] = [known[name], after[name]];
    if (isSame(was, is)) continue;
    // A field that was never given shows its default, and a switch that was never given is off: that is no change.
    const shown = was === undefined && is !== undefined && (is === false || textOf(is) === fallback);
    if (shown && (kind === 'switch' || fallback !== null)) continue;
    patch[name] = is ?? null;
  }
  return patch;
};

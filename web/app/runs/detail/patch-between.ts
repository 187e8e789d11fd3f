import type { Json } from '@everwave/schema/flow';

type Fields = { readonly [field: string]: Json };

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a person changed in a value, as a JSON Merge Patch. Null where one of the two is no object. */
export const patchBetween = (before: Json | undefined, after: Json): Fields | null => {
  if (!isFields(before) || !isFields(after)) return null;
  const patch: Record<string, Json> = {};
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch[name] = null;
  for (const [name, value] of Object.entries(after)) {
    if (JSON.stringify(before[name]) === JSON.stringify(value)) continue;
    patch[name] = patchBetween(before[name], value) ?? value;
  }
  return patch;
};

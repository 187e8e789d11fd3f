import type { Json } from '@everwave/schema/flow';

const deepest = 100;

/**
 * Parses JSON from outside. Objects have no prototype and no key `__proto__`, so that no later copy of them can reach
 * an object everyone shares. Throws a `SyntaxError` for bad JSON and a `RangeError` for nesting beyond 100 levels.
 */
export const parseJson = (text: string): Json => withoutPrototypes(JSON.parse(text) as Json, 0);

const withoutPrototypes = (value: Json, depth: number): Json => {
  if (value === null || typeof value !== 'object') return value;
  if (depth >= deepest) throw new RangeError(`The JSON is nested more than ${deepest} levels deep.`);
  if (Array.isArray(value)) return value.map((item: Json) => withoutPrototypes(item, depth + 1));
  return toRecord(Object.entries(value).map(([key, item]) => [key, withoutPrototypes(item, depth + 1)]));
};

/** An object made of keys from outside, on the same terms. */
export const toRecord = <Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> => {
  const record = Object.create(null) as Record<string, Value>;
  for (const [key, value] of entries) if (key !== '__proto__') record[key] = value;
  return record;
};

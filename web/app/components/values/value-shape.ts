import type { Json } from '@everwave/schema/flow';

export type JsonObject = { readonly [key: string]: Json };

export const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
export const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value);

const tableColumns = 6;

/** Columns of a list of flat objects that reads better as a table; null when it does not. */
export const tableColumnsOf = (value: readonly Json[]): readonly string[] | null => {
  if (value.length < 2) return null;
  const columns = new Set<string>();
  for (const item of value) {
    if (!isObject(item)) return null;
    for (const [name, cell] of Object.entries(item)) {
      if (typeof cell === 'object' && cell !== null) return null;
      columns.add(name);
    }
  }
  return columns.size > 0 && columns.size <= tableColumns ? [...columns] : null;
};

/** `{ 3 fields }`, `[ 12 items ]`: what a closed branch holds. */
export const describeBranch = (value: JsonObject | readonly Json[]): string => {
  const count = isList(value) ? value.length : Object.keys(value).length;
  if (isList(value)) return count === 0 ? 'empty list' : `${count} ${count === 1 ? 'item' : 'items'}`;
  return count === 0 ? 'no fields' : `${count} ${count === 1 ? 'field' : 'fields'}`;
};

const isoMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

export const isMoment = (value: string): boolean => isoMoment.test(value) && !Number.isNaN(Date.parse(value));

import type { Json } from '@everwave/schema/flow';

/** The fields of an input, by name. */
export interface Fields {
  readonly [name: string]: Json;
}

/** Null for a value that has no fields. */
export const fieldsOf = (value: Json | undefined): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

import type { Json } from '@everwave/schema/flow';

/** What kind of value an author writes where any is taken. */
export const valueTypes = {
  text: 'Text',
  number: 'Number',
  boolean: 'Yes or no',
  list: 'List',
  fields: 'Fields',
  nothing: 'Nothing',
} as const;

export type ValueType = keyof typeof valueTypes;

export const typeOfValue = (value: Json | undefined): ValueType => {
  if (value === undefined || typeof value === 'string') return 'text';
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object') return 'fields';
  return typeof value === 'number' ? 'number' : 'boolean';
};

/** The same value as another type, as far as that is possible; nothing a person typed is thrown away without need. */
export const asType = (value: Json | undefined, type: ValueType): Json => {
  switch (type) {
    case 'text':
      return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
    case 'number':
      return Number.isFinite(Number(value)) && value !== null && value !== '' ? Number(value) : 0;
    case 'boolean':
      return value === true || value === 'true';
    case 'list':
      return Array.isArray(value) ? value : value === undefined || value === null || value === '' ? [] : [value];
    case 'fields':
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
    case 'nothing':
      return null;
  }
};

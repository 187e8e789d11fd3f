import type { Variable } from '@everwave/schema/api';

/** A variable's value as it is read and entered: texts as they are, everything else as JSON, and of a secret nothing. */
export const valueText = ({ type, value }: Pick<Variable, 'type' | 'value'>): string => {
  if (type === 'secret') return '';
  return typeof value === 'string' && type === 'string' ? value : JSON.stringify(value, null, 2);
};

import type { Json } from '../flow/plan.ts';

/** What stands in the place of a value that its org keeps from being read. */
export const mask = '•••••• masked';

/** Names with dots between them: `email`, `card.number`, `customer.*`. */
export const maskedFieldPattern = /^(?:[^\s.*[\]]+|\*)(?:\.(?:[^\s.*[\]]+|\*))*$/u;

/** Replaces what a value holds in masked fields. The same object when there is nothing to mask. */
export type Mask = (value: Json) => Json;

/**
 * `fields` hold wherever they end the way to a value: `card.number` masks `{"card": {"number": 1}}` at any depth, items
 * of lists in between count for nothing, capital letters are small ones, `*` is any one name. What is in a masked field
 * is masked whole; an empty one stays visible as such.
 */
export const createMask = (fields: readonly string[]): Mask => {
  const rules = fields.map((field) => field.toLowerCase().split('.'));
  const isMasked = (way: readonly string[]): boolean =>
    rules.some((rule) => {
      const begin = way.length - rule.length;
      return begin >= 0 && rule.every((name, index) => name === '*' || name === way[begin + index]);
    });
  const masked = (value: Json, way: readonly string[]): Json => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value))
      return keepSame(
        value,
        value.map((item) => masked(item, way)),
      );
    let isSame = true;
    const entries = Object.entries(value).map(([name, field]) => {
      const to = [...way, name.toLowerCase()];
      const shown = !isEmpty(field) && isMasked(to) ? mask : masked(field, to);
      isSame &&= shown === field;
      return [name, shown] as const;
    });
    return isSame ? value : Object.fromEntries(entries);
  };
  return rules.length === 0 ? (value) => value : (value) => masked(value, []);
};

const isEmpty = (value: Json): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

const keepSame = (before: Json[], after: Json[]): Json[] =>
  after.every((item, index) => item === before[index]) ? before : after;

/** Where a mask stands, as in `customer.email`; null where none does. What is sent must not hold one. */
export const findMask = (value: Json | undefined, at = ''): string | null => {
  if (value === mask) return at;
  if (typeof value !== 'object' || value === null) return null;
  const isList = Array.isArray(value);
  for (const [name, field] of Object.entries(value)) {
    const way = isList ? `${at}[${name}]` : at === '' ? name : `${at}.${name}`;
    const found = findMask(field, way);
    if (found !== null) return found;
  }
  return null;
};

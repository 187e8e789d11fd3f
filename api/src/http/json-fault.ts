/** Deeper than any drawing or template; shallower than what overflows a recursive walk. */
const maxDepth = 100;
/** More than the largest drawing holds; few enough that reading them takes a fraction of a second. */
const maxValues = 200_000;

export interface JsonFault {
  readonly code: 'malformed_json' | 'invalid_request' | 'body_too_large';
  readonly message: string;
  readonly path: string;
}

/** What is wrong with a JSON text before its shape matters: syntax, depth, number, and keys and texts that do harm later. */
export const findJsonFault = (text: string): JsonFault | null => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { code: 'malformed_json', message: `The body is not valid JSON: ${withoutExcerpt(reason)}.`, path: '' };
  }
  const harm = findHarm(value, 0, { left: maxValues });
  return harm && { code: harm.code, message: harm.message, path: harm.keys?.toReversed().join('.') ?? '' };
};

/** V8 quotes the text around the fault, which may hold a secret. */
const withoutExcerpt = (reason: string): string => {
  const position = /at position \d+( \(line \d+ column \d+\))?/.exec(reason)?.[0];
  return position ? `unexpected text ${position}` : 'it ends too early or holds unexpected text';
};

interface Harm {
  readonly code: JsonFault['code'];
  readonly message: string;
  /** From the place of the harm to the root; null where the place would say nothing. */
  readonly keys: readonly (string | number)[] | null;
}

const placed = (message: string): Harm => ({ code: 'invalid_request', message, keys: [] });
const tooDeep: Harm = {
  code: 'invalid_request',
  message: `The body is nested deeper than ${maxDepth} levels.`,
  keys: null,
};
const tooMany: Harm = {
  code: 'body_too_large',
  message: `The body holds more than ${maxValues} values.`,
  keys: null,
};

const findHarm = (value: unknown, depth: number, values: { left: number }): Harm | null => {
  values.left -= 1;
  if (values.left < 0) return tooMany;
  if (typeof value === 'string') return isStorable(value) ? null : placed(unstorable);
  if (typeof value !== 'object' || value === null) return null;
  if (depth > maxDepth) return tooDeep;
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  for (const key of keys) {
    if (key === '__proto__') return placed('The key __proto__ is not allowed.');
    if (typeof key === 'string' && !isStorable(key)) return placed(unstorable);
    const harm = findHarm((value as Record<string | number, unknown>)[key], depth + 1, values);
    if (harm) return harm.keys ? { ...harm, keys: [...harm.keys, key] } : harm;
  }
  return null;
};

/** Postgres keeps neither a NUL nor half of a surrogate pair. */
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

const unstorable = 'A text holds a NUL character or half of a character. Take it out.';

/** Deeper than any drawing or template; shallower than what overflows a recursive walk. */
const maxDepth = 100;

export interface JsonFault {
  readonly code: 'malformed_json' | 'invalid_request';
  readonly message: string;
  readonly path: string;
}

/** What is wrong with a JSON text before its shape matters: syntax, depth, keys that reach an object's prototype. */
export const findJsonFault = (text: string): JsonFault | null => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { code: 'malformed_json', message: `The body is not valid JSON: ${withoutExcerpt(reason)}.`, path: '' };
  }
  return findUnsafePart(value);
};

/** V8 quotes the text around the fault, which may hold a secret. */
const withoutExcerpt = (reason: string): string => {
  const position = /at position \d+( \(line \d+ column \d+\))?/.exec(reason)?.[0];
  return position ? `unexpected text ${position}` : 'it ends too early or holds unexpected text';
};

const findUnsafePart = (root: unknown): JsonFault | null => {
  const open: { value: unknown; path: string; depth: number }[] = [{ value: root, path: '', depth: 0 }];
  for (let part = open.pop(); part; part = open.pop()) {
    const { value, path, depth } = part;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > maxDepth) {
      return { code: 'invalid_request', message: `The body is nested deeper than ${maxDepth} levels.`, path: '' };
    }
    for (const [key, inner] of Object.entries(value)) {
      if (key === '__proto__') {
        return { code: 'invalid_request', message: 'The key __proto__ is not allowed.', path };
      }
      open.push({ value: inner, path: path ? `${path}.${key}` : key, depth: depth + 1 });
    }
  }
  return null;
};

import type { ProblemCode } from '../problems.ts';
import { refusalsOf } from '../openapi/refusals.ts';
import { operations } from '../routes/operations.ts';

const patterns = operations.map(({ route }) => ({
  route,
  method: route.method.toUpperCase(),
  path: new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/**
 * Null, or what is wrong: an answer with a code that the document does not list for this operation. Paths that are no
 * operation, and those that only look like one, are not in the document.
 */
export const undeclaredRefusal = (method: string, url: string, body: unknown): string | null => {
  const { pathname } = new URL(url, 'http://api');
  const operation = patterns.find((each) => each.method === method && each.path.test(pathname));
  const code = (body as { code?: ProblemCode } | null)?.code;
  if (!operation || code === undefined || code === 'not_found') return null;
  if (refusalsOf(operation.route).includes(code)) return null;
  return `${operation.route.operationId} answered ${code}, which api/src/openapi/refusals.ts does not list for it.`;
};

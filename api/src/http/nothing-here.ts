import type { Context } from 'hono';
import type { RouteTable } from '../edge/route-table.ts';
import { type HttpProblem, problem } from '../problems.ts';

/** What to tell whoever asked for something that no route answers: the methods that this path knows, if any. */
export const nothingHere = (c: Context, table: RouteTable): HttpProblem => {
  const { method, path } = c.req;
  const methods = table.methodsAt(path);
  if (methods.length === 0 || methods.includes(method) || methods.includes('ALL'))
    return problem('not_found', `There is nothing at ${method} ${path}.`);
  const allow = methods.join(', ');
  return problem('method_not_allowed', `${path} takes ${allow}, not ${method}.`, { headers: { allow } });
};

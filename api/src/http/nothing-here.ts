import type { Context } from 'hono';
import { type HttpProblem, problem } from '../problems.ts';
import { operations } from '../routes/operations.ts';

const routes = operations.map(({ route }) => ({
  method: route.method.toUpperCase(),
  path: new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/\{.+?\}/g, '[^/]+')}$`),
}));

/** What to tell whoever asked for something that no route answers: the methods that this path knows, if any. */
export const nothingHere = (c: Context): HttpProblem => {
  const { method, path } = c.req;
  const methods = [...new Set(routes.filter((route) => route.path.test(path)).map((route) => route.method))];
  if (methods.length === 0) return problem('not_found', `There is nothing at ${method} ${path}.`);
  const allow = methods.join(', ');
  return problem('method_not_allowed', `${path} takes ${allow}, not ${method}.`, { headers: { allow } });
};

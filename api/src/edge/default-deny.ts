import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { ApiEnv } from '../context.ts';
import { nothingHere } from '../http/nothing-here.ts';
import type { RouteTable } from './route-table.ts';

interface Registered {
  readonly method: string;
  readonly path: string;
  readonly handler: unknown;
}

/** What only passes requests on: it is no way in, and stands in no table. */
const passing = new WeakMap<object, ReadonlySet<unknown>>();

/** Everything that is registered so far passes requests on; what comes after answers them. */
export const middlewareEndsHere = (app: OpenAPIHono<ApiEnv>): void => {
  passing.set(app, new Set(app.routes.map(({ handler }) => handler)));
};

const answers = (app: OpenAPIHono<ApiEnv>, routes: readonly Registered[]): readonly Registered[] =>
  routes.filter(({ handler }) => !passing.get(app)?.has(handler));

/** The ways into this app that the table does not know: there must be none. */
export const undeclaredRoutes = (app: OpenAPIHono<ApiEnv>, table: RouteTable): readonly string[] => [
  ...new Set(
    answers(app, app.routes)
      .filter((route) => !table.has(route))
      .map(({ method, path }) => `${method} ${path}`),
  ),
];

/**
 * Lets a request on only when everything that would answer it is in the table of routes. A handler that somebody
 * registered beside the table is not there for anybody, wherever it stands.
 */
export const defaultDeny =
  (app: OpenAPIHono<ApiEnv>, table: RouteTable): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const found = answers(app, matchedRoutes(c));
    if (found.length === 0 || !found.every((route) => table.has(route))) throw nothingHere(c, table);
    await next();
  };

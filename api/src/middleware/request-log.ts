import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { ApiEnv } from '../context.ts';

const quiet = new Set(['/healthz', '/readyz', '/metrics']);

/** One line and one measurement per request. The route's pattern stands for the path: hook tokens are secrets. */
export const requestLog = (): MiddlewareHandler<ApiEnv> => async (c, next) => {
  const startedAt = performance.now();
  await next();
  const milliseconds = performance.now() - startedAt;
  const route = routePath(c, -1);
  const { status } = c.res;
  const { metrics } = c.get('dependencies');
  metrics.requests.observe({ method: c.req.method, route, status }, milliseconds / 1_000);
  if (status === 429) metrics.refusals.inc({ route });
  if (quiet.has(route) && status < 400) return;
  const attributes = { method: c.req.method, route, status, milliseconds: Math.round(milliseconds) };
  if (status >= 500) c.get('log').warn('request failed', attributes);
  else c.get('log').info('request answered', attributes);
};

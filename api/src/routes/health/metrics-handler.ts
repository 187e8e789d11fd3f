import type { Context } from 'hono';
import type { ApiEnv } from '../../context.ts';
import { measureBacklog } from '../../services/health/measure-backlog.ts';

/** For Prometheus. Gauges are read from Postgres when asked for, so they need no timer. */
export const metricsHandler = async (c: Context<ApiEnv>): Promise<Response> => {
  const { metrics } = c.get('dependencies');
  await measureBacklog(c.get('dependencies'));
  return c.text(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType });
};

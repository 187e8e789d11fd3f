import { mayReadMetrics } from '@everwave/schema/observe';
import type { Context } from 'hono';
import type { ApiEnv } from '../../context.ts';
import { peerOf } from '../../middleware/rate-limit.ts';
import { problem } from '../../problems.ts';
import { updateGauges } from '../../services/health/update-gauges.ts';

/** For Prometheus. Gauges are read when asked for, so they need no timer. */
export const metricsHandler = async (c: Context<ApiEnv>): Promise<Response> => {
  const dependencies = c.get('dependencies');
  const { metrics, settings } = dependencies;
  const allowed = mayReadMetrics({
    token: settings.metricsToken,
    authorization: c.req.header('authorization'),
    peer: peerOf(c),
    forwarded: c.req.header('x-forwarded-for') !== undefined || c.req.header('forwarded') !== undefined,
  });
  if (!allowed) throw problem('metrics_closed', metricsClosed(settings.metricsToken));
  await updateGauges(dependencies);
  return c.text(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType });
};

const metricsClosed = (token: string | null): string =>
  token === null
    ? 'Metrics are read from this machine only. Set EVERWAVE_METRICS_TOKEN to read them from another one.'
    : 'Send EVERWAVE_METRICS_TOKEN as Authorization: Bearer <token>.';

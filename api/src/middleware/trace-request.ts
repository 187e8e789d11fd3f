import { inSpan, markFailed } from '@everwave/temporal/tracing';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { ApiEnv } from '../context.ts';

const untraced = new Set(['/healthz', '/readyz', '/metrics']);

/** A span per request, in the caller's trace where `traceparent` names one. The route stands for the path, which may hold a secret. */
export const traceRequest = (): MiddlewareHandler<ApiEnv> => async (c, next) => {
  if (untraced.has(c.req.path)) return next();
  const attributes = { 'http.request.method': c.req.method, 'everwave.request.id': c.get('requestId') };
  await inSpan(c.req.method, { kind: 'server', parent: c.req.header('traceparent'), attributes }, async (span) => {
    await next();
    const route = routePath(c, -1);
    const { status } = c.res;
    span.updateName(`${c.req.method} ${route}`);
    span.setAttributes({ 'http.route': route, 'http.response.status_code': status });
    const caller = c.get('caller');
    if (caller) span.setAttribute('everwave.org.id', caller.orgId);
    if (status >= 500) markFailed(span, `http_${status}`);
  });
};

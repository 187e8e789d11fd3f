import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { ApiEnv } from '../context.ts';
import { problem } from '../problems.ts';
import type { Settings } from '../settings.ts';

/** The web app may call everything, the Temporal UI only the codec. No other page gets an answer it can read. */
export const crossOrigin = (settings: Settings): MiddlewareHandler<ApiEnv> =>
  cors({
    origin: (origin, c) => (allowedOrigins(settings, c.req.path).includes(origin) ? origin : null),
    credentials: true,
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['content-type', 'x-request-id', 'idempotency-key', 'x-namespace', 'authorization'],
    exposeHeaders: ['x-request-id', 'retry-after', 'location'],
    maxAge: 600,
  });

const allowedOrigins = ({ webUrl, temporalUiUrl }: Settings, path: string): readonly string[] => {
  const web = new URL(webUrl).origin;
  return temporalUiUrl && path.startsWith('/codec/') ? [web, new URL(temporalUiUrl).origin] : [web];
};

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Stops other sites from using a person's cookie: a change that arrives with a cookie and without a key must name an
 * origin of ours. Browsers always send it with such requests.
 */
export const sameOrigin =
  (settings: Settings): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const usesKey = c.req.header('authorization') ?? c.req.header('x-api-key');
    if (harmless.has(c.req.method) || usesKey || !c.req.header('cookie')) return next();
    const origin = c.req.header('origin');
    if (!origin || !allowedOrigins(settings, c.req.path).includes(origin)) {
      throw problem('origin_refused', `Changes with a session come from ${new URL(settings.webUrl).origin} only.`);
    }
    return next();
  };

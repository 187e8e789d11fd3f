import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { apiKeyIn } from '../auth/find-caller.ts';
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
 * Stops other sites from acting as a person, or from signing one in as somebody else: a change without a key comes from
 * an origin of ours. Browsers always name theirs; a program without a cookie need not.
 */
export const sameOrigin =
  (settings: Settings): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    if (harmless.has(c.req.method) || apiKeyIn(c.req.raw.headers)) return next();
    const origin = c.req.header('origin');
    if (origin === undefined ? c.req.header('cookie') : !allowedOrigins(settings, c.req.path).includes(origin)) {
      throw problem(
        'origin_refused',
        `Changes are accepted from ${new URL(settings.webUrl).origin} only, or with an API key.`,
      );
    }
    return next();
  };

/** An event stream tells whoever holds it what happens, for as long as it is open: another site's page gets none. */
export const refuseForeignStream = (c: Context<ApiEnv>): void => {
  const { settings } = c.get('dependencies');
  const origin = c.req.header('origin');
  if (origin === undefined || apiKeyIn(c.req.raw.headers) || allowedOrigins(settings, c.req.path).includes(origin))
    return;
  throw problem('origin_refused', `Event streams are for pages of ${new URL(settings.webUrl).origin} only.`);
};

import type { MiddlewareHandler } from 'hono';
import { findCaller } from '../auth/find-caller.ts';
import type { ApiEnv } from '../context.ts';

/** Finds out who asks. Whether they may is each route's own word. */
export const authenticate = (): MiddlewareHandler<ApiEnv> => async (c, next) => {
  const caller = await findCaller(c.get('dependencies'), c.req.raw.headers);
  c.set('caller', caller);
  if (caller) c.set('log', c.get('log').with({ orgId: caller.orgId, actorId: caller.id }));
  await next();
};

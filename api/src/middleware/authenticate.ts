import type { MiddlewareHandler } from 'hono';
import { findCaller } from '../auth/find-caller.ts';
import type { ApiEnv } from '../context.ts';
import { HttpProblem } from '../problems.ts';
import { addressOf, type RateLimit } from './rate-limit.ts';

/** Finds out who asks. Whether they may is each route's own word. Wrong keys are counted against their address. */
export const authenticate =
  (anonymous: RateLimit): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const caller = await findCaller(c.get('dependencies'), c.req.raw.headers).catch(async (error: unknown) => {
      if (error instanceof HttpProblem) await anonymous.consume(addressOf(c));
      throw error;
    });
    c.set('caller', caller);
    if (caller) c.set('log', c.get('log').with({ orgId: caller.orgId, actorId: caller.id }));
    await next();
  };

import type { Context, MiddlewareHandler } from 'hono';
import { apiKeyIn, findCaller } from '../auth/find-caller.ts';
import type { ApiEnv, Caller } from '../context.ts';
import { HttpProblem } from '../problems.ts';
import { noteRefusedKey } from '../services/audit/note-refused-key.ts';
import { addressOf, clientOf, type RateLimit } from './rate-limit.ts';

/** Finds out who asks. Whether they may is each route's own word. Wrong keys are counted against their address. */
export const authenticate =
  (anonymous: RateLimit): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const caller = await findCaller(c.get('dependencies'), c.req.raw.headers).catch(async (error: unknown) => {
      if (!(error instanceof HttpProblem)) throw error;
      await anonymous.consume(addressOf(c));
      if (error.code === 'api_key_invalid') await noteKey(c);
      return nobody(c, error);
    });
    c.set('caller', caller);
    if (caller) c.set('log', c.get('log').with({ orgId: caller.orgId, actorId: caller.id }));
    await next();
  };

/** A browser sends its session everywhere: what is open to all, signing in as somebody else above all, stays open to it. */
const nobody = (c: Context<ApiEnv>, refusal: HttpProblem): Caller | null => {
  if (apiKeyIn(c.req.raw.headers)) throw refusal;
  c.set('refusal', refusal);
  return null;
};

const noteKey = (c: Context<ApiEnv>): Promise<void> => {
  const request = { db: c.get('dependencies').db, requestId: c.get('requestId'), client: clientOf(c) };
  return noteRefusedKey({ ...request, budget: c.get('shared').notedKeys }, apiKeyIn(c.req.raw.headers) ?? '');
};

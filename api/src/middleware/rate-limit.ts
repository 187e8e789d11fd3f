import { addressBudget, clientAddress } from '@everwave/schema/network';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ApiEnv, Client } from '../context.ts';
import { problem } from '../problems.ts';

/** Counts in this process. Several API processes each count for themselves, so the limit is per process. */
export interface RateLimit {
  /** Throws `too_many_requests` when `key` used up its points. */
  consume(key: string): Promise<void>;
}

export const createRateLimit = (points: number, seconds: number): RateLimit => {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return {
    consume: async (key) => {
      try {
        await limiter.consume(key);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const wait = Math.max(1, Math.ceil(error.msBeforeNext / 1_000));
        throw problem('too_many_requests', `Too many requests. Try again in ${wait} s.`, {
          headers: { 'retry-after': String(wait) },
        });
      }
    },
  };
};

/** Who sent this request, also behind the web server or another proxy that is trusted. */
const senderOf = (c: Context<ApiEnv>): string => {
  const { trustedProxies: trusted } = c.get('dependencies').settings;
  return clientAddress({ peer: peerOf(c), forwardedFor: c.req.header('x-forwarded-for'), trusted });
};

/** Whose budget an anonymous request uses. */
export const addressOf = (c: Context<ApiEnv>): string => addressBudget(senderOf(c));

/** Where a request came from, for the audit log. */
export const clientOf = (c: Context<ApiEnv>): Client => ({
  address: senderOf(c),
  userAgent: c.req.header('user-agent')?.slice(0, 300) ?? null,
});

/** Tests call without a socket. */
export const peerOf = (c: Context<ApiEnv>): string => {
  try {
    return getConnInfo(c).remote.address ?? 'unknown';
  } catch {
    return 'unknown';
  }
};

/** One budget per caller, another per address for whoever is not signed in. */
export const limitCalls =
  (callers: RateLimit, anonymous: RateLimit): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const caller = c.get('caller');
    if (caller) await callers.consume(caller.id);
    else await anonymous.consume(addressOf(c));
    await next();
  };

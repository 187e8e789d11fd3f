import { addressBudget, clientAddress } from '@everwave/schema/network';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ApiEnv, Client } from '../context.ts';
import { type HttpProblem, problem } from '../problems.ts';

export interface RateLimit {
  /** Throws `too_many_requests` when `key` used up its points. */
  consume(key: string): Promise<void>;
}

/** The refusal of whoever has used up a budget that begins anew after so many seconds. */
export const tooMany = (seconds: number): HttpProblem => {
  const wait = Math.max(1, Math.ceil(seconds));
  return problem('too_many_requests', `Too many requests. Try again in ${wait} s.`, {
    headers: { 'retry-after': String(wait) },
  });
};

/** Counts in this process. Several API processes each count for themselves, so the limit is per process. */
export const createRateLimit = (points: number, seconds: number): RateLimit => {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return {
    consume: async (key) => {
      try {
        await limiter.consume(key);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw tooMany(error.msBeforeNext / 1_000);
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

export interface CallLimits {
  readonly perCaller: RateLimit;
  readonly perOrg: RateLimit;
  readonly anonymous: RateLimit;
}

/** One budget per caller and one per org, another per address for whoever is not signed in. */
export const limitCalls =
  ({ perCaller, perOrg, anonymous }: CallLimits): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const caller = c.get('caller');
    if (caller) {
      // Their own first: a caller who has used up theirs takes nothing more of what others share.
      await perCaller.consume(caller.id);
      await perOrg.consume(caller.orgId);
    } else await anonymous.consume(addressOf(c));
    await next();
  };

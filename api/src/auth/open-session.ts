import type { BetterAuthPlugin } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { expireCookie, setSessionCookie } from 'better-auth/cookies';
import * as z from 'zod';
import { sessionLimits } from './session-limits.ts';

const bodySchema = z.object({ userId: z.string(), rememberMe: z.boolean() });

/**
 * Opens a session for somebody whom our own sign-in has checked; there is no address for it. The session is always a new
 * one, and the one that this browser had before ends.
 */
export const openSessionPlugin = () =>
  ({
    id: 'open-session',
    endpoints: {
      openSession: createAuthEndpoint.serverOnly({ method: 'POST', body: bodySchema }, async (ctx) => {
        const { internalAdapter, authCookies, secret } = ctx.context;
        const { userId, rememberMe } = ctx.body;
        const earlier = await ctx.getSignedCookie(authCookies.sessionToken.name, secret);
        if (earlier) await internalAdapter.deleteSession(earlier);
        const user = await internalAdapter.findUserById(userId);
        if (!user) throw new Error('The person is gone.');
        const session = await internalAdapter.createSession(userId, !rememberMe);
        // The cookie lives as long as a session may; when the session ends before, the cookie opens nothing.
        await setSessionCookie(
          ctx,
          { session, user },
          !rememberMe,
          rememberMe ? { maxAge: sessionLimits.absolute } : {},
        );
        const forgetful = await ctx.getSignedCookie(authCookies.dontRememberToken.name, secret);
        if (rememberMe && forgetful) expireCookie(ctx, authCookies.dontRememberToken);
        return ctx.json({ sessionId: session.id });
      }),
    },
  }) satisfies BetterAuthPlugin;

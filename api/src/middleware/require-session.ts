import type { MiddlewareHandler } from 'hono';
import { explainFailure } from '../auth/explain-failure.ts';
import type { ApiEnv } from '../context.ts';
import { problem } from '../problems.ts';

/** For the routes of better-auth that are for people who are signed in: asked before anything of the request is read. */
export const requireSession = (): MiddlewareHandler<ApiEnv> => async (c, next) => {
  const { auth, db } = c.get('dependencies');
  const session = await auth.api.getSession({ headers: c.req.raw.headers }).catch(async (error: unknown) => {
    throw await explainFailure(db, error);
  });
  if (!session) throw problem('not_signed_in', 'Sign in first.');
  await next();
};

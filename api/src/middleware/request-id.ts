import { randomUUIDv7 } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../context.ts';

const acceptable = /^[A-Za-z0-9_.:-]{8,100}$/;

/** One id through API, workflow, activity and logs: the caller's `x-request-id` when it is harmless, else a new one. */
export const requestId = (): MiddlewareHandler<ApiEnv> => async (c, next) => {
  const given = c.req.header('x-request-id');
  const id = given && acceptable.test(given) ? given : randomUUIDv7();
  c.set('requestId', id);
  c.set('log', c.get('dependencies').log.with({ requestId: id }));
  await next();
  c.header('x-request-id', id);
};

import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ApiEnv } from '../context.ts';
import { findJsonFault } from '../http/json-fault.ts';
import { problem } from '../problems.ts';

/** Bytes of a body to /v1 and /codec. The largest flow of 1,000 nodes stays far below. */
export const maxBodyBytes = 4 * 1024 * 1024;

/** Counts what arrives, so a body without a length is stopped as well. */
export const limitBody = (bytes: number): MiddlewareHandler =>
  bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw problem('body_too_large', `The body may hold at most ${bytes} bytes.`);
    },
  });

/** Refuses what would harm whoever walks the value later, before any schema sees it. */
export const checkJsonBody = (): MiddlewareHandler<ApiEnv> => async (c, next) => {
  const isJson = /^application\/(\S+\+)?json\b/i.test(c.req.header('content-type') ?? '');
  if (isJson) {
    const fault = findJsonFault(await c.req.text());
    if (fault) throw problem(fault.code, fault.message, { errors: [{ path: fault.path, message: fault.message }] });
  }
  await next();
};

import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ApiEnv } from '../context.ts';
import { findJsonFault, type JsonFault } from '../http/json-fault.ts';
import { isForm } from '../http/webhook-request.ts';
import { problem } from '../problems.ts';
import type { Limits } from '../settings.ts';

/** Bytes of a body to /v1 and /codec. The largest flow of 1,000 nodes stays far below. */
export const maxBodyBytes = 4 * 1024 * 1024;

export const isJson = (contentType: string | undefined): boolean =>
  /^application\/(\S+\+)?json\b/i.test(contentType ?? '');

/** Counts what arrives, so a body without a length is stopped as well. */
export const limitBody = (bytes: number): MiddlewareHandler =>
  bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw problem('body_too_large', `The body may hold at most ${bytes} bytes.`);
    },
  });

/** Of a webhook: a form is counted where it is read, as it comes, and may say how long it is. */
export const limitDelivery = (bytes: number, { deliveryFileBytes }: Limits): MiddlewareHandler<ApiEnv> => {
  const ofOthers = limitBody(bytes);
  return async (c, next) => {
    if (!isForm(c)) return ofOthers(c, next);
    // Boundaries and the headers of parts come with the fields and files.
    const most = deliveryFileBytes + 4 * bytes;
    if (Number(c.req.header('content-length') ?? 0) > most) {
      throw problem('body_too_large', `The files of a form have at most ${deliveryFileBytes} bytes together.`);
    }
    await next();
  };
};

/** Refuses what would harm whoever walks or stores the value later, before any schema sees it. */
export const checkJsonBody = (): MiddlewareHandler<ApiEnv> => async (c, next) => {
  if (isJson(c.req.header('content-type'))) {
    const bytes = await c.req.arrayBuffer();
    // Many clients name the type on every request; without a body the name says nothing.
    if (bytes.byteLength === 0) c.req.raw.headers.delete('content-type');
    else {
      const fault = findFault(bytes);
      if (fault) throw problem(fault.code, fault.message, { errors: [{ path: fault.path, message: fault.message }] });
    }
  }
  await next();
};

const findFault = (bytes: ArrayBuffer): JsonFault | null => {
  try {
    return findJsonFault(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { code: 'malformed_json', message: 'The body is not valid JSON: it is not UTF-8.', path: '' };
  }
};

/** Postgres keeps no NUL in a text, so nothing can be called or found by one. */
export const refuseNulInAddress = (): MiddlewareHandler<ApiEnv> => async (c, next) => {
  if (c.req.url.includes('%00')) throw problem('invalid_request', 'The address holds a NUL character. Take it out.');
  await next();
};

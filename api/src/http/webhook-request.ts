import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ApiEnv } from '../context.ts';

/** A request as it arrived: raw bytes, and each header line by itself where a socket is behind it. */
export const toWebhookRequest = async (c: Context<ApiEnv>) => ({
  method: c.req.method,
  headers: headerLines(c),
  query: new URL(c.req.url).searchParams,
  body: new Uint8Array(await c.req.arrayBuffer()),
});

const headerLines = (c: Context<ApiEnv>): readonly (readonly [string, string])[] => {
  const incoming = (c.env as Partial<HttpBindings> | undefined)?.incoming;
  if (!incoming) return [...c.req.raw.headers];
  const { rawHeaders } = incoming;
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] ?? '',
    rawHeaders[2 * index + 1] ?? '',
  ]);
};

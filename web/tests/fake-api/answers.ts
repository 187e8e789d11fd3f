import * as api from '@everwave/schema/api';
import type { Context } from 'hono';
import type * as z from 'zod';

export const problem = (
  c: Context,
  status: 400 | 401 | 403 | 404 | 409 | 422 | 500 | 503,
  code: string,
  detail: string,
  errors: api.Problem['errors'] = [],
): Response =>
  c.body(
    JSON.stringify(
      api.problemSchema.parse({
        type: `https://everwave.dev/problems/${code}`,
        title: code.replaceAll('_', ' '),
        status,
        detail,
        code,
        errors,
        requestId: c.req.header('x-request-id') ?? 'req-fake',
      }),
    ),
    status,
    { 'content-type': api.problemMediaType },
  );

/** Replies leave through the shared schema: what the fake says, the real api could say too. */
export const answer = <Schema extends z.ZodType>(c: Context, schema: Schema, value: z.input<Schema>): Response =>
  c.json(schema.parse(value) as object);

export const page = <Item>(c: Context, items: readonly Item[], fallback = 25) => {
  const limit = Number(c.req.query('limit') ?? fallback);
  const from = Number(c.req.query('cursor') ?? 0);
  return {
    items: items.slice(from, from + limit),
    nextCursor: from + limit < items.length ? String(from + limit) : null,
  };
};

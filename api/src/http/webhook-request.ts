import { type FormRequest, isMultipart } from '@everwave/activities/triggers';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ApiEnv } from '../context.ts';
import { HttpProblem, problem } from '../problems.ts';

/** A request as it arrived: raw bytes, and each header line by itself where a socket is behind it. */
export const toWebhookRequest = async (c: Context<ApiEnv>) => ({
  method: c.req.method,
  headers: headerLines(c),
  query: new URL(c.req.url).searchParams,
  body: new Uint8Array(await c.req.arrayBuffer()),
});

/** A request with a form, whose body still comes. Ends with an error when `timeout` is over before the body is. */
export const toFormRequest = (c: Context<ApiEnv>, timeout: number): FormRequest => ({
  method: c.req.method,
  headers: headerLines(c),
  query: new URL(c.req.url).searchParams,
  content: asItComes(c.req.raw.body, timeout),
});

/** Whether the one content type of a request says that it is a form. Where there are two, nobody knows. */
export const isForm = (c: Context<ApiEnv>): boolean => {
  const types = headerLines(c).filter(([name]) => name.toLowerCase() === 'content-type');
  return types.length === 1 && isMultipart(types[0]?.[1]);
};

async function* asItComes(body: ReadableStream<Uint8Array> | null, timeout: number): AsyncIterable<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  const tooSlow = AbortSignal.timeout(timeout);
  const isOver = new Promise<never>((_resolve, reject) => {
    tooSlow.addEventListener('abort', () =>
      reject(problem('upload_broken_off', `The form did not come within ${timeout / 1_000} seconds.`)),
    );
  });
  isOver.catch(() => {});
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), isOver]);
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    // Whoever sends has gone: nobody reads the answer.
    throw problem('upload_broken_off', 'The connection ended before the whole form had arrived.');
  } finally {
    reader.cancel().catch(() => {});
  }
}

const headerLines = (c: Context<ApiEnv>): readonly (readonly [string, string])[] => {
  const incoming = (c.env as Partial<HttpBindings> | undefined)?.incoming;
  if (!incoming) return [...c.req.raw.headers];
  const { rawHeaders } = incoming;
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] ?? '',
    rawHeaders[2 * index + 1] ?? '',
  ]);
};

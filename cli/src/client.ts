import { type Problem, problemSchema } from '@everwave/schema/api';
import type * as z from 'zod';
import type { Access } from './env.ts';

/** The api refused. Carries its problem, so that a command can print code, places and request id. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export interface Client {
  get<Reply extends z.ZodType>(path: string, reply: Reply): Promise<z.output<Reply>>;
  post<Reply extends z.ZodType>(
    path: string,
    body: unknown,
    reply: Reply,
    headers?: Readonly<Record<string, string>>,
  ): Promise<z.output<Reply>>;
  /** An answer of any size, as it comes. */
  stream(path: string): Promise<ReadableStream<Uint8Array>>;
  delete(path: string): Promise<void>;
  put<Reply extends z.ZodType>(path: string, body: unknown, reply: Reply): Promise<z.output<Reply>>;
  patch<Reply extends z.ZodType>(path: string, body: unknown, reply: Reply): Promise<z.output<Reply>>;
}

interface CallInit {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const createClient = ({ apiUrl, apiKey }: Access): Client => {
  const ask = async (path: string, init: CallInit) => {
    const response = await fetch(`${apiUrl}${path}`, {
      ...init,
      // The key is for this address: it does not follow to another.
      redirect: 'manual',
      headers: { accept: 'application/json', 'x-api-key': apiKey, ...init.headers },
    }).catch((error: unknown) => {
      throw new Error(`The api at ${apiUrl} does not answer. Is the product running? Start it with npm start.`, {
        cause: error,
      });
    });
    if (response.ok) return response;
    const problem = problemSchema.safeParse(await response.json().catch(() => null));
    if (problem.success) throw new ApiError(problem.data);
    throw new Error(
      `The api at ${apiUrl} answered ${response.status} without a problem document. Is EVERWAVE_API_URL right?`,
    );
  };
  const call = async <Reply extends z.ZodType>(path: string, init: CallInit, reply: Reply) => {
    const response = await ask(path, init);
    return reply.parse(await response.json().catch(() => null));
  };
  const change = <Reply extends z.ZodType>(method: string, path: string, body: unknown, reply: Reply) =>
    call(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }, reply);
  return {
    get: (path, reply) => call(path, {}, reply),
    stream: async (path) => (await ask(path, {})).body ?? new ReadableStream(),
    post: (path, body, reply, headers) =>
      call(
        path,
        { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } },
        reply,
      ),
    delete: async (path) => void (await ask(path, { method: 'DELETE' })),
    put: (path, body, reply) => change('PUT', path, body, reply),
    patch: (path, body, reply) => change('PATCH', path, body, reply),
  };
};

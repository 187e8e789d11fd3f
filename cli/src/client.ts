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
  put<Reply extends z.ZodType>(path: string, body: unknown, reply: Reply): Promise<z.output<Reply>>;
}

export const createClient = ({ apiUrl, apiKey }: Access): Client => {
  const call = async <Reply extends z.ZodType>(
    path: string,
    init: { method?: string; body?: string; headers?: Readonly<Record<string, string>> },
    reply: Reply,
  ) => {
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
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      const problem = problemSchema.safeParse(body);
      if (problem.success) throw new ApiError(problem.data);
      throw new Error(
        `The api at ${apiUrl} answered ${response.status} without a problem document. Is EVERWAVE_API_URL right?`,
      );
    }
    return reply.parse(body);
  };
  return {
    get: (path, reply) => call(path, {}, reply),
    post: (path, body, reply, headers) =>
      call(
        path,
        { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } },
        reply,
      ),
    put: (path, body, reply) =>
      call(path, { method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }, reply),
  };
};

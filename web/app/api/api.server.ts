import { problemSchema } from '@everwave/schema/api';
import { data, redirect } from 'react-router';
import type * as z from 'zod';
import { signInAddress } from '../account/sign-in-address.ts';
import { env } from '../env.server.ts';
import { ApiError, type PageProblem } from './api-error.ts';

type QueryValue = string | number | undefined | readonly string[];
export type Query = Readonly<Record<string, QueryValue>>;

interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is large and passed on as it comes: it may take as long as whoever asked for it waits. */
  readonly isDownload?: true;
}

const answerLimit = 30_000;

const withQuery = (path: string, query: Query): URL => {
  const url = new URL(path, env().apiInternalUrl);
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const item of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(item));
  }
  return url;
};

/** One request to the api in the name of whoever sent `request`: same cookie, same request id, same sender. */
export const fetchApi = async (request: Request, path: string, options: CallOptions = {}): Promise<Response> => {
  const requestId = request.headers.get('x-request-id') ?? '';
  const headers = new Headers(options.headers);
  headers.set('accept', 'application/json');
  headers.set('origin', env().publicUrl.origin);
  if (requestId) headers.set('x-request-id', requestId);
  for (const name of ['cookie', 'x-forwarded-for']) {
    const value = request.headers.get(name);
    if (value) headers.set(name, value);
  }
  if (options.body !== undefined) headers.set('content-type', 'application/json');
  try {
    return await fetch(withQuery(path, options.query ?? {}), {
      method: options.method ?? 'GET',
      headers,
      redirect: 'manual',
      signal: options.isDownload ? request.signal : AbortSignal.any([request.signal, AbortSignal.timeout(answerLimit)]),
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
  } catch (error) {
    throw new ApiError(
      {
        status: 502,
        code: 'api_unreachable',
        title: 'The api does not answer',
        detail:
          'The pages are up, but the api behind them is not. It may be starting; this page tries again when you reload it.',
        errors: [],
        requestId,
      },
      { cause: error },
    );
  }
};

/** Reads a refusal: our problem document, better-auth's `{ message }`, or whatever a proxy in between answered. */
const toProblem = async (response: Response, requestId: string): Promise<PageProblem> => {
  const body: unknown = await response.json().catch(() => null);
  const problem = problemSchema.safeParse(body);
  if (problem.success) return problem.data;
  const message =
    typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : 'The api refused.';
  return {
    status: response.status,
    code: `http_${response.status}`,
    title: 'The api refused',
    detail: message,
    errors: [],
    requestId: response.headers.get('x-request-id') ?? requestId,
  };
};

const requestIdOf = (request: Request): string => request.headers.get('x-request-id') ?? '';

/** Calls the api and parses its answer by the shared schema. Throws `ApiError`. */
export const callApi = async <Schema extends z.ZodType>(
  request: Request,
  path: string,
  reply: Schema,
  options: CallOptions = {},
): Promise<z.output<Schema>> => readReply(request, await fetchApi(request, path, options), reply);

/** What an answer of the api holds, by the shared schema. Throws `ApiError` for a refusal. */
export const readReply = async <Schema extends z.ZodType>(
  request: Request,
  response: Response,
  reply: Schema,
): Promise<z.output<Schema>> => {
  if (!response.ok) throw new ApiError(await toProblem(response, requestIdOf(request)));
  const body: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  const parsed = reply.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ApiError(
    {
      status: 502,
      code: 'unexpected_answer',
      title: 'The api answered in a way this page does not understand',
      detail: 'Web and api are probably of different versions. Restart both from the same release.',
      errors: [],
      requestId: response.headers.get('x-request-id') ?? requestIdOf(request),
    },
    { cause: parsed.error },
  );
};

/** What a person has to do before the page they asked for, by the api's refusal. */
const pageFirst: Readonly<Record<string, string>> = {
  no_organisation: '/choose-organisation',
  email_not_verified: '/verify-email',
  second_factor_required: '/second-factor',
};

// oxlint-disable typescript/only-throw-error -- React Router takes redirects and refusals as thrown values

/**
 * Runs a loader's reads. A person who is not signed in is sent to the sign-in page and comes back here; every other
 * refusal becomes the page's error state.
 */
export const load = async <Result>(request: Request, read: () => Promise<Result>): Promise<Result> => {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.problem.status === 401) throw redirect(signInAddress(new URL(request.url)));
    const elsewhere = pageFirst[error.problem.code];
    if (elsewhere !== undefined) throw redirect(elsewhere);
    throw data(error.problem, { status: error.problem.status });
  }
};

/** Null for those who may not: the rest of the page is still theirs. */
export const ifAllowed = async <Found>(read: Promise<Found>): Promise<Found | null> => {
  try {
    return await read;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 403 && !Object.hasOwn(pageFirst, error.problem.code)) {
      return null;
    }
    throw error;
  }
};

export type ActionResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: PageProblem };

/** Runs an action's write. A refusal is a value that the form shows, so that nothing a person typed is lost. */
export const attempt = async <Value>(request: Request, write: () => Promise<Value>): Promise<ActionResult<Value>> => {
  try {
    return { ok: true, value: await write() };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.problem.status === 401) throw redirect(signInAddress(new URL(request.url)));
    const elsewhere = pageFirst[error.problem.code];
    if (elsewhere !== undefined) throw redirect(elsewhere);
    return { ok: false, problem: error.problem };
  }
};

// oxlint-enable typescript/only-throw-error

/** A refusal of our own, in the same shape, for a form that does not parse. */
export const refuse = (request: Request, detail: string, errors: PageProblem['errors'] = []): ActionResult<never> => ({
  ok: false,
  problem: {
    status: 400,
    code: 'invalid_request',
    title: 'Please check the form',
    detail,
    errors,
    requestId: requestIdOf(request),
  },
});

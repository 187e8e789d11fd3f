import type { Context, Handler } from 'hono';
import { signInRequestSchema } from '@everwave/schema/api';
import { cloneRawRequest } from 'hono/request';
import * as z from 'zod';
import { explainFailure } from '../../auth/explain-failure.ts';
import { findVisitor } from '../../auth/find-visitor.ts';
import type { ApiEnv } from '../../context.ts';
import { shapeProblem } from '../../http/answer-problem.ts';
import { dependenciesOf, refusedRequest } from '../../http/operation.ts';
import { isJson } from '../../middleware/json-body.ts';
import { addressOf, createRateLimit } from '../../middleware/rate-limit.ts';
import { HttpProblem, problem, type ProblemCode } from '../../problems.ts';
import { noteIfRefused } from '../../services/audit/note-refusal.ts';
import { noteSignOut, signIn } from '../../services/identity/sign-in.ts';
import type { Limits } from '../../settings.ts';

/** Sessions, by better-auth, at the routes that the table lets it have. Its refusals become problems like all others. */
export const authHandler = ({ anonymousPerMinute }: Limits): Handler<ApiEnv> => {
  const byAddress = createRateLimit(anonymousPerMinute, 60);
  return async (c) => {
    await byAddress.consume(addressOf(c));
    const contentType = c.req.header('content-type');
    // A form is what another site's page can send without asking.
    if (contentType !== undefined && !isJson(contentType)) {
      throw problem('unsupported_media_type', 'Send the body as JSON with the header Content-Type: application/json.');
    }
    if (c.req.path === '/auth/sign-in/email') return handSignIn(c);
    const isLeaving = c.req.path === '/auth/sign-out';
    const visitor = await findVisitor(c.get('dependencies'), c.req.raw.headers).catch((error: unknown) => {
      // Whoever is suspended may go, and is told nothing else.
      if (isLeaving && error instanceof HttpProblem) return null;
      throw error;
    });
    const response = await c.get('dependencies').auth.handler(await cloneRawRequest(c.req));
    if (response.status >= 500) {
      throw await explainFailure(c.get('dependencies').db, new Error(`better-auth answered ${response.status}.`));
    }
    if (response.status >= 400) throw await toRefusal(response);
    if (visitor && isLeaving) await noteSignOut(dependenciesOf(c), visitor);
    return response;
  };
};

/** Ours, not better-auth's: it costs the same for an address that nobody has, and knows of the second factor. */
const handSignIn = async (c: Context<ApiEnv>): Promise<Response> => {
  const body: unknown = await c.req.json().catch(() => null);
  const credentials = signInRequestSchema.safeParse(body);
  if (!credentials.success) throw shapeProblem(credentials.error, 'json');
  // Guessing one account's password is slow wherever it is tried from.
  await c.get('shared').attempts.consume(credentials.data.email.toLowerCase());
  const { reply, cookies } = await noteIfRefused(refusedRequest(c), credentials.data, () =>
    signIn(dependenciesOf(c), c.req.raw.headers, credentials.data),
  );
  for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
  return c.json(reply, 200);
};

const refusalSchema = z.object({ code: z.string().optional(), message: z.string().optional() });

const codeOf = (status: number): ProblemCode => {
  if (status === 401) return 'sign_in_refused';
  if (status === 403) return 'origin_refused';
  if (status === 404) return 'not_found';
  if (status === 429) return 'too_many_requests';
  return 'invalid_request';
};

const toRefusal = async (response: Response) => {
  const { message, code } = refusalSchema.catch({}).parse(await response.json().catch(() => null));
  const detail = message ? `${message}.`.replace(/\.\.$/, '.') : 'The request was refused.';
  return problem(codeOf(response.status), detail, {
    errors: code ? [{ path: '', message: detail, code: code.toLowerCase() }] : [],
  });
};

import { signInReplySchema } from '@everwave/schema/api';
import { redirect } from 'react-router';
import { withCookies } from './cookies.server.ts';
import { fetchApi } from '#app/api/api.server.ts';

interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly rememberMe: boolean;
}

export type SignInRefusal = 'wrong' | 'wrong-code' | 'too-late' | 'too-many' | 'unavailable';
export type SignInAnswer =
  | { readonly refused: SignInRefusal; readonly challenge?: string }
  | { readonly challenge: string };

/** Signs in at the api and hands its session cookie to the browser; or says why not, or that a code is needed too. */
export const signIn = async (
  request: Request,
  credentials: Credentials,
  next: string,
): Promise<SignInAnswer | Response> =>
  toAnswer(await fetchApi(request, '/auth/sign-in/email', { method: 'POST', body: credentials }), next);

/** The second step, with a code of the person's app. */
export const giveCode = async (
  request: Request,
  step: { readonly challenge: string; readonly code: string },
  next: string,
): Promise<SignInAnswer | Response> => {
  const response = await fetchApi(request, '/v1/sign-in/second-factor', { method: 'POST', body: step });
  const refusal = response.ok ? '' : await response.clone().text();
  if (refusal.includes('challenge_expired')) return { refused: 'too-late' };
  if (response.status === 401 || response.status === 400) {
    return { refused: 'wrong-code', challenge: step.challenge };
  }
  return toAnswer(response, next);
};

const toAnswer = async (response: Response, next: string): Promise<SignInAnswer | Response> => {
  if (response.status === 429) return { refused: 'too-many' };
  if (response.status >= 500) return { refused: 'unavailable' };
  if (!response.ok) return { refused: 'wrong' };
  const { challenge } = signInReplySchema.parse(await response.json());
  return challenge === null ? redirect(next, { headers: withCookies(response) }) : { challenge };
};

import { redirect } from 'react-router';
import { withCookies } from './cookies.server.ts';
import { fetchApi } from '#app/api/api.server.ts';

interface Credentials {
  readonly email: string;
  readonly password: string;
}

export type SignInRefusal = 'wrong' | 'too-many' | 'unavailable';

/** Signs in at the api and hands its session cookie to the browser, or says why not. */
export const signIn = async (
  request: Request,
  credentials: Credentials,
  next: string,
): Promise<{ readonly refused: SignInRefusal } | Response> => {
  const response = await fetchApi(request, '/auth/sign-in/email', { method: 'POST', body: credentials });
  if (response.status === 429) return { refused: 'too-many' };
  if (response.status >= 500) return { refused: 'unavailable' };
  if (!response.ok) return { refused: 'wrong' };
  return redirect(next, { headers: withCookies(response) });
};

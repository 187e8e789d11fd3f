import type { Auth } from './create-auth.ts';

/** Opens a session for someone whose password was just set. Returns the cookies to hand out. */
export const signIn = async (
  auth: Auth,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<readonly string[]> => {
  const response = await auth.api.signInEmail({ body: { email: email.toLowerCase(), password }, asResponse: true });
  return response.headers.getSetCookie();
};

import type { Auth } from './create-auth.ts';

export interface OpenedSession {
  readonly userId: string;
  readonly rememberMe: boolean;
}

/** Opens a session for someone who was just checked. Returns the cookies to hand out. */
export const openSession = async (
  auth: Auth,
  headers: Headers,
  { userId, rememberMe }: OpenedSession,
): Promise<readonly string[]> => {
  const response = await auth.api.openSession({ body: { userId, rememberMe }, headers, asResponse: true });
  if (!response.ok) throw new Error(`better-auth answered ${response.status}.`);
  return response.headers.getSetCookie();
};

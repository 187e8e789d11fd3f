import { redirect, type MiddlewareFunction } from 'react-router';
import { needsSession } from './route-access.ts';
import { signInAddress } from './sign-in-address.ts';

/** The name of a session's cookie. Whether it is still good is the api's word, at the first call a loader makes. */
const sessionCookie = /(^|;\s*)[\w.-]*session[\w.-]*=[^;\s]/;

/**
 * Before any loader or action: a route that needs a session is not even tried without one. A page leads to the sign-in
 * page and comes back here; a change that somebody sent is not repeated after it.
 */
export const requireSession: MiddlewareFunction<Response> = async ({ request, url, pattern }, next) => {
  if (needsSession(pattern) && !sessionCookie.test(request.headers.get('cookie') ?? '')) {
    // oxlint-disable-next-line typescript/only-throw-error -- React Router takes redirects as thrown values
    throw redirect(['GET', 'HEAD'].includes(request.method) ? signInAddress(url) : '/sign-in');
  }
  return next();
};

/**
 * The routes that answer whoever is not signed in, each with the reason why that is safe. Every other route needs a
 * session, its loader and its action alike: a new one is closed until it stands here.
 */
export const openRoutes: Readonly<Record<string, string>> = {
  '/setup': 'The one-time link is the proof, and the api checks it.',
  '/sign-in': 'Whoever signs in has no session yet.',
  '/sign-up': 'Whoever signs up has no session yet; the answer does not tell whether there is an account.',
  '/forgot-password':
    'Whoever forgot the password cannot sign in; the answer does not tell whether there is an account.',
  '/reset-password': 'The token of the mailed link is the proof, and the api checks it.',
  '/verify-email': 'The token of the mailed link is the proof, and the api checks it.',
  '/invitation': 'The token of the mailed link is the proof, and the api checks it.',
  '/unsubscribe': 'The sealed token of the mailed link is the proof; all it can do is end one kind of mail.',
  '/sign-out': 'It ends the session that the request carries, and does nothing without one.',
  '/preferences': 'It writes how this browser likes its pages, into cookies that hold nothing else.',
  '/*': 'It says that nothing is here.',
};

/** React Router names a pattern with or without its first slash, depending on the route above it. */
export const needsSession = (pattern: string): boolean => !Object.hasOwn(openRoutes, `/${pattern.replace(/^\/+/, '')}`);

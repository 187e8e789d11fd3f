import { referencePaths } from '../docs/reference-file.ts';
import type { RouteEntry } from './route-table.ts';

const open = (method: string, path: string, because: string): RouteEntry => ({
  method,
  path,
  access: { kind: 'public', because },
});

/** What better-auth may answer. Everything else it could do (sign-up, orgs, keys) goes through our own operations. */
export const authRoutes: readonly RouteEntry[] = [
  open(
    'POST',
    '/auth/sign-in/email',
    'Whoever signs in is not signed in yet; tries are counted by account and address.',
  ),
  open('POST', '/auth/sign-out', 'It ends the session that the request carries, and does nothing without one.'),
  open('GET', '/auth/get-session', 'It tells a session about itself, and nothing to whoever has none.'),
];

/** The ways in that are no operation of the document. */
export const otherRoutes: readonly RouteEntry[] = [
  ...authRoutes,
  open('ALL', '/hooks/:token', 'The address is the secret; a signature is checked where the trigger asks for one.'),
  open('GET', '/metrics', 'Its handler asks for the token of metrics, or answers this machine alone.'),
  open('GET', '/openapi.json', 'The description of the api holds nothing of anybody.'),
  ...Object.values(referencePaths()).map((path) => open('GET', path, 'The reference shows openapi.json.')),
];

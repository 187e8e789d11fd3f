import { roles } from '@everwave/schema/api';
import { type Database, tables } from '@everwave/schema/db';
import { betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { organization } from 'better-auth/plugins';
import { createAccessControl } from 'better-auth/plugins/access';
import type { Logger } from '@everwave/temporal/logger';
import { beginSession } from './begin-session.ts';
import { openSessionPlugin } from './open-session.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { sessionLimits } from './session-limits.ts';

export interface AuthOptions {
  readonly db: Database;
  readonly webUrl: string;
  /** Signs cookies; at least 32 random bytes in any notation. */
  readonly secret: string;
  readonly log: Logger;
}

/** The library's model names → our tables. Given explicitly: its own guess goes by plural names and breaks quietly. */
export const authTables = {
  user: tables.users,
  session: tables.sessions,
  account: tables.accounts,
  verification: tables.verifications,
  organization: tables.organizations,
  member: tables.members,
  invitation: tables.invitations,
};

export const passwordBounds = { min: 12, max: 256 } as const;

/** What a person may do through better-auth itself is nothing: members and keys are managed by our own routes. */
const accessControl = createAccessControl({ organization: ['update'], member: ['update'], invitation: ['create'] });
const powerless = accessControl.newRole({});

/** The name of the session's cookie: over HTTPS one that no other host, no other path and no plain-http page can set. */
export const sessionCookie = { https: '__Host-everwave.session_token', http: 'everwave.session_token' } as const;

/** The library's own prefix is `__Secure-`, which a neighbouring subdomain may set; so both names are given whole. */
const cookieSettings = (webUrl: string) => {
  const isHttps = webUrl.startsWith('https:');
  return {
    cookiePrefix: isHttps ? '__Host-everwave' : 'everwave',
    // Only the prefix that goes before these names; what makes the cookies secure stands below.
    useSecureCookies: false,
    defaultCookieAttributes: { secure: isHttps, path: '/' },
  };
};

/**
 * Sessions and passwords. Sign-up is closed: the first owner comes through the set-up link, others by invitation.
 * There is no cookie cache, so a revoked session ends at once.
 */
export const createAuth = ({ db, webUrl, secret, log }: AuthOptions) =>
  betterAuth({
    appName: 'Everwave',
    baseURL: webUrl,
    basePath: '/auth',
    secret,
    trustedOrigins: [webUrl],
    database: drizzleAdapter(db, { provider: 'pg', schema: authTables }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: passwordBounds.min,
      maxPasswordLength: passwordBounds.max,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    // Read with the session, so that nobody is asked for it a second time.
    user: { additionalFields: { suspendedAt: { type: 'date', required: false, input: false } } },
    session: { expiresIn: sessionLimits.idle, updateAge: sessionLimits.noted, cookieCache: { enabled: false } },
    databaseHooks: { session: { create: { before: (session) => beginSession(db, session) } } },
    // Ours counts per e-mail address and per sender.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    advanced: {
      ...cookieSettings(webUrl),
      ipAddress: { disableIpTracking: true },
    },
    // Unexpected errors come to our own handler, which logs them without the values of their queries.
    onAPIError: { throw: true },
    logger: {
      level: 'warn',
      log: (level, message) => {
        const words = message.split('\nparams:')[0] ?? message;
        if (level === 'error') log.error(words, { library: 'better-auth' });
        else log.warn(words, { library: 'better-auth' });
      },
    },
    plugins: [
      openSessionPlugin(),
      organization({
        allowUserToCreateOrganization: false,
        ac: accessControl,
        roles: Object.fromEntries(roles.map((role) => [role, powerless])),
      }),
    ],
  });

export type Auth = ReturnType<typeof createAuth>;

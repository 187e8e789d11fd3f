import type { SignInReply, SignInRequest } from '@everwave/schema/api';
import { tables, withSystem } from '@everwave/schema/db';
import { and, eq, gt, lt, sql } from 'drizzle-orm';
import { openSession } from '../../auth/give-session.ts';
import { hashToken, newToken } from '../../auth/secret-token.ts';
import { refuseSuspended } from '../../auth/suspension.ts';
import { verifyCredentials } from '../../auth/verify-credentials.ts';
import type { AppDependencies } from '../../context.ts';
import { problem } from '../../problems.ts';
import { type Asked, auditOfPerson } from './audit-of-person.ts';
import { hasSecondFactor, takeCode } from './take-code.ts';

const { signInChallenges, users } = tables;

type Tools = Pick<AppDependencies, 'auth' | 'db' | 'seal'> & Asked;

interface SignedIn {
  readonly reply: SignInReply;
  /** The session, once there is one. */
  readonly cookies: readonly string[];
}

const challengeMinutes = 10;
/** Codes that may be tried before the password is asked for again. */
const triesPerChallenge = 5;

export const refused = () =>
  problem('sign_in_refused', 'No account has this e-mail address with this password. Check both and try again.');

/** The first step. Whoever has a second factor gets no session yet, but what the second step takes. */
export const signIn = async (
  tools: Tools,
  headers: Headers,
  { email, password, rememberMe }: SignInRequest,
): Promise<SignedIn> => {
  const person = await verifyCredentials(tools.db, { email, password });
  if (!person) throw refused();
  const { userId } = person;
  if (!(await hasSecondFactor(tools.db, userId))) {
    const cookies = await begin(tools, headers, { userId, rememberMe });
    return { reply: { status: 'signed_in', challenge: null }, cookies };
  }
  const challenge = newToken();
  await withSystem(tools.db, async (tx) => {
    await tx.delete(signInChallenges).where(lt(signInChallenges.expiresAt, sql`now()`));
    await tx.insert(signInChallenges).values({
      tokenHash: hashToken(challenge),
      userId,
      rememberMe,
      expiresAt: new Date(Date.now() + challengeMinutes * 60_000),
    });
  });
  return { reply: { status: 'second_factor_needed', challenge }, cookies: [] };
};

/** The second step: a code of the app, or a recovery code. */
export const takeSecondStep = async (
  tools: Tools,
  headers: Headers,
  { challenge, code }: { readonly challenge: string; readonly code: string },
): Promise<SignedIn> => {
  const isThis = eq(signInChallenges.tokenHash, hashToken(challenge));
  const [tried] = await withSystem(tools.db, (tx) =>
    tx
      .update(signInChallenges)
      .set({ attempts: sql`${signInChallenges.attempts} + 1` })
      .where(and(isThis, lt(signInChallenges.attempts, triesPerChallenge), gt(signInChallenges.expiresAt, sql`now()`)))
      .returning(),
  );
  if (!tried) {
    throw problem('challenge_expired', 'This took too long, or too many codes. Begin again with the password.');
  }
  const { userId, rememberMe } = tried;
  await refuseSuspended(tools.db, userId);
  await takeCode(tools, userId, code);
  await withSystem(tools.db, (tx) => tx.delete(signInChallenges).where(isThis));
  const cookies = await begin(tools, headers, { userId, rememberMe });
  return { reply: { status: 'signed_in', challenge: null }, cookies };
};

/** The entry comes first: no session without one. */
const begin = async (
  tools: Tools,
  headers: Headers,
  session: { readonly userId: string; readonly rememberMe: boolean },
): Promise<readonly string[]> => {
  await withSystem(tools.db, async (tx) => {
    const [person] = await tx
      .select({ id: users.id, name: users.name })
      .from(users)
      .where(eq(users.id, session.userId));
    if (person) await auditOfPerson(tx, tools, person, 'session.opened');
  });
  return openSession(tools.auth, headers, session);
};

/** Whoever signs out has ended the session already. */
export const noteSignOut = (
  asked: Pick<Tools, 'db'> & Asked,
  { userId: id, name }: { readonly userId: string; readonly name: string },
): Promise<void> => withSystem(asked.db, (tx) => auditOfPerson(tx, asked, { id, name }, 'session.ended'));

import { randomUUIDv7 } from 'node:crypto';
import type { TokenReply } from '@everwave/schema/api';
import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { accessTokenLife, type AccessTokenOwner } from '../../auth/access-token.ts';
import { hashToken, newToken } from '../../auth/secret-token.ts';
import { refuseSuspended } from '../../auth/suspension.ts';
import { verifyCredentials } from '../../auth/verify-credentials.ts';
import type { AppDependencies } from '../../context.ts';
import { problem } from '../../problems.ts';
import { type Asked, auditOfPerson, somebody } from './audit-of-person.ts';
import { refused } from './sign-in.ts';
import { hasSecondFactor, takeCode } from './take-code.ts';

const { refreshTokens, users } = tables;

type Tools = Pick<AppDependencies, 'db' | 'seal' | 'accessTokens'> & Asked;

const familyDays = 30;

/** Signs a program in for a person: a short access token, and a refresh token that works once. */
export const issueTokens = async (
  tools: Tools,
  { email, password, code }: { readonly email: string; readonly password: string; readonly code?: string | undefined },
): Promise<TokenReply> => {
  const person = await verifyCredentials(tools.db, { email, password });
  if (!person) throw refused();
  const { userId } = person;
  if (await hasSecondFactor(tools.db, userId)) {
    if (code === undefined) {
      throw problem('code_needed', 'This account has a second factor: send a code of the app in the field code.');
    }
    await takeCode(tools, userId, code);
  }
  const family = { familyId: randomUUIDv7(), userId };
  const refreshToken = newToken();
  await withSystem(tools.db, async (tx) => {
    await tx.delete(refreshTokens).where(lt(refreshTokens.expiresAt, sql`now()`));
    await tx.insert(refreshTokens).values({
      tokenHash: hashToken(refreshToken),
      ...family,
      expiresAt: new Date(Date.now() + familyDays * 24 * 60 * 60 * 1_000),
    });
    await auditOfPerson(tx, tools, { id: userId, name: person.name }, 'program.signed_in');
  });
  return toReply(tools, family, refreshToken);
};

/** The next pair for a refresh token. One that was used before ends the whole family: somebody else has a copy of it. */
export const renewTokens = async (tools: Tools, token: string): Promise<TokenReply> => {
  const next = newToken();
  const family = await withSystem(tools.db, async (tx) => {
    const [used] = await tx
      .update(refreshTokens)
      .set({ usedAt: sql`now()` })
      .where(
        and(
          eq(refreshTokens.tokenHash, hashToken(token)),
          isNull(refreshTokens.usedAt),
          isNull(refreshTokens.revokedAt),
          gt(refreshTokens.expiresAt, sql`now()`),
        ),
      )
      .returning();
    if (!used) {
      const owner = await revokeFamilyOf(tx, token);
      // Once: what comes after finds nothing to end.
      if (owner) await auditOfPerson(tx, tools, owner, 'program.token_reused', { by: somebody });
      return null;
    }
    const { familyId, userId, expiresAt } = used;
    await refuseSuspended(tx, userId);
    await tx.insert(refreshTokens).values({ tokenHash: hashToken(next), familyId, userId, expiresAt });
    return { familyId, userId };
  });
  if (!family) throw problem('refresh_refused', 'The refresh token is unknown, used or too old. Sign in again.');
  return toReply(tools, family, next);
};

/** Ends the family of a refresh token; one that is unknown is as good as ended. */
export const revokeTokens = (tools: Pick<Tools, 'db'> & Asked, token: string): Promise<void> =>
  withSystem(tools.db, async (tx) => {
    const owner = await revokeFamilyOf(tx, token);
    if (owner) await auditOfPerson(tx, tools, owner, 'program.signed_out');
  });

/** Whose family was ended by this; null when there was none that worked. */
const revokeFamilyOf = async (tx: Transaction, token: string) => {
  const [known] = await tx
    .select({ familyId: refreshTokens.familyId, id: users.id, name: users.name })
    .from(refreshTokens)
    .innerJoin(users, eq(users.id, refreshTokens.userId))
    .where(eq(refreshTokens.tokenHash, hashToken(token)));
  if (!known) return null;
  const revoked = await tx
    .update(refreshTokens)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(refreshTokens.familyId, known.familyId), isNull(refreshTokens.revokedAt)))
    .returning({ familyId: refreshTokens.familyId });
  return revoked.length === 0 ? null : known;
};

const toReply = ({ accessTokens }: Tools, family: AccessTokenOwner, refreshToken: string): TokenReply => ({
  accessToken: accessTokens.issue(family),
  expiresIn: accessTokenLife,
  refreshToken,
});

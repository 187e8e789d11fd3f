import { type LinkPurpose, tables, type Transaction } from '@everwave/schema/db';
import { and, eq, gt, inArray, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import { hashToken, newToken } from '../../auth/secret-token.ts';
import { problem } from '../../problems.ts';

const { oneTimeLinks } = tables;

/** Seconds that a link works. */
const linkLife: Readonly<Record<LinkPurpose, number>> = {
  password_reset: 60 * 60,
  owner_reset: 30 * 60,
  owner_reset_second_factor: 30 * 60,
  email_verification: 24 * 60 * 60,
  email_change: 24 * 60 * 60,
};

export interface NewLink {
  readonly purpose: LinkPurpose;
  /** Null for an address that nobody has: the link opens nothing. */
  readonly userId: string | null;
  readonly email: string;
}

/** Writes a link and returns its token. Those of the same kind that the person had before work no longer. */
export const writeLink = async (tx: Transaction, { purpose, userId, email }: NewLink): Promise<string> => {
  const token = newToken();
  await tx.delete(oneTimeLinks).where(lt(oneTimeLinks.expiresAt, sql`now() - interval '1 day'`));
  await tx.delete(oneTimeLinks).where(and(eq(oneTimeLinks.userId, userId ?? ''), eq(oneTimeLinks.purpose, purpose)));
  await tx.insert(oneTimeLinks).values({
    tokenHash: hashToken(token),
    purpose,
    userId,
    email,
    expiresAt: new Date(Date.now() + linkLife[purpose] * 1_000),
  });
  return token;
};

export interface OpenedLink {
  readonly purpose: LinkPurpose;
  readonly userId: string;
  readonly email: string;
}

export const linkInvalid = () =>
  problem('link_invalid', 'This link is wrong, was used, or is too old. Ask for a new one.');

/** Uses a link up. One that is wrong, used, of another kind or too old is refused, all in the same words. */
export const openLink = async (
  tx: Transaction,
  token: string,
  purposes: readonly LinkPurpose[],
): Promise<OpenedLink> => {
  const [used] = await tx
    .update(oneTimeLinks)
    .set({ usedAt: sql`now()` })
    .where(
      and(
        eq(oneTimeLinks.tokenHash, hashToken(token)),
        inArray(oneTimeLinks.purpose, [...purposes]),
        isNull(oneTimeLinks.usedAt),
        isNotNull(oneTimeLinks.userId),
        gt(oneTimeLinks.expiresAt, sql`now()`),
      ),
    )
    .returning();
  if (!used?.userId) throw linkInvalid();
  return { purpose: used.purpose, userId: used.userId, email: used.email };
};

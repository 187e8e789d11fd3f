import { randomBytes } from 'node:crypto';
import type { SecondFactorSecret, SecondFactorState } from '@everwave/schema/api';
import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, count, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { newTotpSecret, toBase32, totpUri } from '../../auth/totp.ts';
import type { PersonContext } from '../../context.ts';
import { changedMail } from '../../mail/templates/changed.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { confirmPassword } from './confirm-password.ts';
import { hashRecoveryCode, hasSecondFactor, takeCode } from './take-code.ts';

const { recoveryCodes, secondFactors } = tables;

const codesAtOnce = 10;

export const readSecondFactor = async ({ db, caller }: PersonContext): Promise<SecondFactorState> => {
  const [factor] = await db
    .select({ since: secondFactors.confirmedAt })
    .from(secondFactors)
    .where(and(eq(secondFactors.userId, caller.id), isNotNull(secondFactors.confirmedAt)));
  const [left] = await db
    .select({ count: count() })
    .from(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, caller.id), isNull(recoveryCodes.usedAt)));
  return {
    isOn: factor !== undefined,
    since: factor?.since?.toISOString() ?? null,
    recoveryCodesLeft: left?.count ?? 0,
    isRequired: caller.isSecondFactorRequired ?? false,
  };
};

/** A new secret for the app. It counts once a first code has shown that the app has it. */
export const beginSecondFactor = async (context: PersonContext, password: string): Promise<SecondFactorSecret> => {
  const { db, seal, caller } = context;
  await confirmPassword(context, password);
  if (await hasSecondFactor(db, caller.id)) {
    throw problem('second_factor_on', 'You have a second factor. Remove it before you set up another one.');
  }
  const secret = newTotpSecret();
  const secretSealed = seal.seal(secret, additionalData.secondFactorSecret(caller.id));
  await withSystem(db, (tx) =>
    tx
      .insert(secondFactors)
      .values({ userId: caller.id, secretSealed })
      .onConflictDoUpdate({
        target: secondFactors.userId,
        set: { secretSealed, lastStep: 0, failures: 0 },
        setWhere: isNull(secondFactors.confirmedAt),
      }),
  );
  return { secret, uri: totpUri(secret, caller.email ?? caller.name) };
};

/** Turns it on with a first code. Returns the recovery codes, which are shown this once. */
export const confirmSecondFactor = async (context: PersonContext, code: string): Promise<readonly string[]> => {
  const { db, caller, outbox } = context;
  if (await hasSecondFactor(db, caller.id)) throw problem('second_factor_on', 'You have a second factor already.');
  await takeCode(context, caller.id, code);
  return withSystem(db, async (tx) => {
    await tx.update(secondFactors).set({ confirmedAt: sql`now()` }).where(eq(secondFactors.userId, caller.id));
    await audit(tx, context, { action: 'user.second_factor_enrolled', target: { kind: 'user', id: caller.id } });
    await outbox.write(tx, caller.email ?? '', changedMail('A second factor was added to your account'));
    return replaceCodes(tx, caller.id);
  });
};

export const renewRecoveryCodes = async (context: PersonContext, password: string): Promise<readonly string[]> => {
  const { db, caller } = context;
  await confirmPassword(context, password);
  if (!(await hasSecondFactor(db, caller.id))) {
    throw problem('second_factor_off', 'Recovery codes stand in for a second factor, and you have none.');
  }
  return withSystem(db, async (tx) => {
    await audit(tx, context, { action: 'user.recovery_codes_renewed', target: { kind: 'user', id: caller.id } });
    return replaceCodes(tx, caller.id);
  });
};

export const removeSecondFactor = async (context: PersonContext, password: string): Promise<void> => {
  const { db, caller, outbox } = context;
  await confirmPassword(context, password);
  await withSystem(db, async (tx) => {
    if (!(await dropSecondFactor(tx, caller.id))) throw problem('second_factor_off', 'You have no second factor.');
    await audit(tx, context, { action: 'user.second_factor_removed', target: { kind: 'user', id: caller.id } });
    await outbox.write(tx, caller.email ?? '', changedMail('The second factor was removed from your account'));
  });
};

/** False when there was none. */
export const dropSecondFactor = async (tx: Transaction, userId: string): Promise<boolean> => {
  const removed = await tx.delete(secondFactors).where(eq(secondFactors.userId, userId)).returning();
  await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  return removed.length > 0;
};

/** `abcd-efgh-jklm-nopq`: 80 random bits each. */
const replaceCodes = async (tx: Transaction, userId: string): Promise<readonly string[]> => {
  const codes = Array.from({ length: codesAtOnce }, () =>
    (toBase32(randomBytes(10)).toLowerCase().match(/.{4}/g) ?? []).join('-'),
  );
  await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  await tx.insert(recoveryCodes).values(codes.map((code) => ({ codeHash: hashRecoveryCode(userId, code), userId })));
  return codes;
};

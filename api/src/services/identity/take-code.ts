import { type Database, tables, withSystem } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, eq, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import { hashToken } from '../../auth/secret-token.ts';
import { stepOfCode } from '../../auth/totp.ts';
import type { AppDependencies } from '../../context.ts';
import { problem } from '../../problems.ts';

const { recoveryCodes, secondFactors } = tables;

/** Wrong codes in a row before none is taken for a while. */
const mostFailures = 10;
const lockMinutes = 15;

/** True once a first code was taken: an app that was never tried is asked of nobody. */
export const hasSecondFactor = async (db: Database, userId: string): Promise<boolean> => {
  const [found] = await db
    .select({ userId: secondFactors.userId })
    .from(secondFactors)
    .where(and(eq(secondFactors.userId, userId), isNotNull(secondFactors.confirmedAt)));
  return found !== undefined;
};

/** How a recovery code is stored; spaces, dashes and case do not matter to whoever types it. */
export const hashRecoveryCode = (userId: string, code: string): string =>
  hashToken(`${userId}:${code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`);

/** Takes a code of the app or a recovery code, each once however often it comes at the same moment; or refuses. */
export const takeCode = async (
  { db, seal }: Pick<AppDependencies, 'db' | 'seal'>,
  userId: string,
  code: string,
): Promise<void> => {
  const [factor] = await db.select().from(secondFactors).where(eq(secondFactors.userId, userId));
  if (!factor) throw wrongCode();
  const wait = Math.ceil(((factor.lockedUntil?.getTime() ?? 0) - Date.now()) / 1_000);
  if (wait > 0) {
    throw problem('too_many_requests', `Too many codes were wrong. Try again in ${Math.ceil(wait / 60)} minutes.`, {
      headers: { 'retry-after': String(wait) },
    });
  }
  const secret = seal.open(factor.secretSealed, additionalData.secondFactorSecret(userId));
  const step = stepOfCode(secret, code.replaceAll(/\s/g, ''), Date.now());
  const isTaken = step === null ? await takeRecoveryCode(db, userId, code) : await takeStep(db, userId, step);
  if (isTaken) return;
  // A code that was right a moment ago is nobody's guess.
  if (step === null) await countFailure(db, userId);
  throw wrongCode();
};

const wrongCode = () =>
  problem('code_refused', 'This code does not fit, or was used already. Wait for the next one that the app shows.');

const takeStep = (db: Database, userId: string, step: number): Promise<boolean> =>
  withSystem(db, async (tx) => {
    const taken = await tx
      .update(secondFactors)
      .set({ lastStep: step, failures: 0 })
      .where(and(eq(secondFactors.userId, userId), lt(secondFactors.lastStep, step)))
      .returning({ userId: secondFactors.userId });
    return taken.length === 1;
  });

const takeRecoveryCode = (db: Database, userId: string, code: string): Promise<boolean> =>
  withSystem(db, async (tx) => {
    const taken = await tx
      .update(recoveryCodes)
      .set({ usedAt: sql`now()` })
      .where(and(eq(recoveryCodes.codeHash, hashRecoveryCode(userId, code)), isNull(recoveryCodes.usedAt)))
      .returning({ userId: recoveryCodes.userId });
    return taken.length === 1;
  });

const countFailure = async (db: Database, userId: string): Promise<void> => {
  const isTooMany = sql`${secondFactors.failures} + 1 >= ${mostFailures}`;
  const lock = sql`now() + make_interval(mins => ${lockMinutes})`;
  await withSystem(db, (tx) =>
    tx
      .update(secondFactors)
      .set({
        failures: sql`case when ${isTooMany} then 0 else ${secondFactors.failures} + 1 end`,
        lockedUntil: sql`case when ${isTooMany} then ${lock} else ${secondFactors.lockedUntil} end`,
      })
      .where(eq(secondFactors.userId, userId)),
  );
};

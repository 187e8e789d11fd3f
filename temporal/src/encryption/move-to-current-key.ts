import { type Database, tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { additionalData } from './additional-data.ts';
import { rewrapDataKeys } from './data-keys.ts';
import { BrokenSeal } from './key-ring.ts';
import type { MasterKeys } from './master-keys.ts';
import { createSystemSeal, keyIdBytes } from './system-seal.ts';

export interface Moved {
  readonly dataKeys: number;
  /** Second factors of people, and mails that have not been sent. */
  readonly systemValues: number;
}

/** Seals with the current master key what an earlier one holds; afterwards the earlier one is not needed. */
export const moveToCurrentKey = async (db: Database, masterKeys: MasterKeys): Promise<Moved> => ({
  dataKeys: await rewrapDataKeys(db, masterKeys),
  systemValues: await withSystem(db, (tx) => resealSystemValues(tx, masterKeys)),
});

const resealSystemValues = async (tx: Transaction, masterKeys: MasterKeys): Promise<number> => {
  const { mails, secondFactors } = tables;
  const seal = createSystemSeal(masterKeys);
  const isOlder = (column: AnyPgColumn) =>
    sql`substring(${column} from 1 for ${keyIdBytes}) <> ${Buffer.from(masterKeys.current.id, 'hex')}`;
  /** Null for what no configured key opens: it stays, and whoever reads it is told. */
  const reseal = (sealed: Uint8Array, binding: string): Uint8Array | null => {
    try {
      return seal.seal(seal.open(sealed, binding), binding);
    } catch (error) {
      if (error instanceof BrokenSeal) return null;
      throw error;
    }
  };
  let moved = 0;

  const factors = await tx.select().from(secondFactors).where(isOlder(secondFactors.secretSealed)).for('update');
  for (const { userId, secretSealed: old } of factors) {
    const secretSealed = reseal(old, additionalData.secondFactorSecret(userId));
    if (!secretSealed) continue;
    await tx.update(secondFactors).set({ secretSealed }).where(eq(secondFactors.userId, userId));
    moved += 1;
  }
  const unsent = await tx
    .select()
    .from(mails)
    .where(and(isNotNull(mails.contentSealed), isOlder(mails.contentSealed)))
    .for('update');
  for (const { id, contentSealed: old } of unsent) {
    const contentSealed = old && reseal(old, additionalData.mailContent(id));
    if (!contentSealed) continue;
    await tx.update(mails).set({ contentSealed }).where(eq(mails.id, id));
    moved += 1;
  }
  return moved;
};

import type { EffectClaim, EffectId, EffectLedger, EffectRecord } from '@everwave/activities/worker';
import type { Json } from '@everwave/schema/flow';
import { type Database, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { and, eq, ne, notInArray, sql } from 'drizzle-orm';

const { effects } = tables;
type Row = typeof effects.$inferSelect;

const isEffect = ({ orgId, effectKey }: EffectId) => and(eq(effects.orgId, orgId), eq(effects.effectKey, effectKey));
const toMoment = (at: number | null): Date | null => (at === null ? null : new Date(at));

const asSent = ({ ordinal, at, keyExpiresAt }: EffectClaim) => ({
  state: 'sent' as const,
  ordinal,
  attempt: sql`${effects.attempt} + 1`,
  firstSentAt: sql`coalesce(${effects.firstSentAt}, ${new Date(at).toISOString()}::timestamptz)`,
  keyExpiresAt: sql`coalesce(${effects.keyExpiresAt}, ${toMoment(keyExpiresAt)?.toISOString() ?? null}::timestamptz)`,
  updatedAt: new Date(),
});

/** The ledger in Postgres. Every transition is one conditional statement, so that two attempts cannot both win. */
export const createEffectLedger = (db: Database, ring: KeyRing): EffectLedger => {
  const toRecord = async (row: Row): Promise<EffectRecord> => ({
    requestHash: row.requestHash,
    state: row.state,
    attempt: row.attempt,
    ordinal: row.ordinal,
    firstSentAt: row.firstSentAt?.getTime() ?? null,
    keyExpiresAt: row.keyExpiresAt?.getTime() ?? null,
    ...(row.resultSealed
      ? {
          result: await ring.openJson<Json>(row.orgId, row.resultSealed, additionalData.effectResult(row.effectKey)),
        }
      : {}),
  });

  return {
    begin: async (intent, claim) => {
      const { created, row } = await withOrg(db, intent.orgId, async (tx) => {
        const [inserted] = await tx
          .insert(effects)
          .values({
            ...intent,
            state: claim ? 'sent' : 'intent',
            attempt: claim ? 1 : 0,
            firstSentAt: toMoment(claim?.at ?? null),
            keyExpiresAt: toMoment(claim?.keyExpiresAt ?? null),
          })
          .onConflictDoNothing()
          .returning();
        return { created: inserted !== undefined, row: inserted ?? (await getRow(tx, intent)) };
      });
      return { created, record: await toRecord(row) };
    },

    markSent: (effect, claim) =>
      withOrg(db, effect.orgId, async (tx) => {
        const changed = await tx
          .update(effects)
          .set(asSent(claim))
          .where(
            and(
              isEffect(effect),
              eq(effects.attempt, claim.seenAttempt),
              notInArray(effects.state, ['confirmed', 'cancelled']),
            ),
          )
          .returning({ attempt: effects.attempt });
        return changed.length === 1;
      }),

    confirm: async (effect, { result, ordinal }) => {
      const resultSealed = await ring.sealJson(effect.orgId, result, additionalData.effectResult(effect.effectKey));
      await withOrg(db, effect.orgId, (tx) =>
        tx
          .update(effects)
          .set({ state: 'confirmed', resultSealed, ordinal, updatedAt: new Date() })
          .where(and(isEffect(effect), ne(effects.state, 'confirmed'))),
      );
    },

    settle: async (effect, { state, attempt, ordinal }) => {
      await withOrg(db, effect.orgId, (tx) =>
        tx
          .update(effects)
          .set({ state, ordinal, updatedAt: new Date() })
          .where(and(isEffect(effect), ne(effects.state, 'confirmed'), eq(effects.attempt, attempt))),
      );
    },
  };
};

const getRow = async (tx: Transaction, effect: EffectId): Promise<Row> => {
  const [row] = await tx.select().from(effects).where(isEffect(effect));
  if (!row) throw new Error(`The effect ${effect.effectKey} vanished from the ledger between two statements.`);
  return row;
};

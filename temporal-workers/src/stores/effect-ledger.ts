import type { EffectClaim, EffectId, EffectLedger, EffectRecord } from '@everwave/activities/worker';
import type { Json } from '@everwave/schema/flow';
import { type Database, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { and, desc, eq, ne, notInArray, sql } from 'drizzle-orm';

const { effects, restores, runs } = tables;
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

  const findRestore = lastRestore(db);

  return {
    begin: async (intent, claim) => {
      const restore = await findRestore();
      const { created, row, lost } = await withOrg(db, intent.orgId, async (tx) => {
        const isLost = restore !== null && (await isOlder(tx, intent.runId, restore.restoredAt));
        const [inserted] = await tx
          .insert(effects)
          .values({ ...intent, ...(isLost ? asLost(restore.takenAt, claim) : asBegun(claim)) })
          .onConflictDoNothing()
          .returning();
        const isNew = inserted !== undefined;
        return { created: isNew && !isLost, row: inserted ?? (await getRow(tx, intent)), lost: isNew && isLost };
      });
      return { created, record: { ...(await toRecord(row)), ...(lost ? { lost } : {}) } };
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

const asBegun = (claim: Pick<EffectClaim, 'at' | 'keyExpiresAt'> | null) => ({
  state: claim ? ('sent' as const) : ('intent' as const),
  attempt: claim ? 1 : 0,
  firstSentAt: toMoment(claim?.at ?? null),
  keyExpiresAt: toMoment(claim?.keyExpiresAt ?? null),
});

/** As if it had been sent right after the backup: a provider's key counts from there. */
const asLost = (takenAt: Date, claim: Pick<EffectClaim, 'at' | 'keyExpiresAt'> | null) => ({
  state: 'sent' as const,
  attempt: 1,
  firstSentAt: takenAt,
  keyExpiresAt: claim?.keyExpiresAt ? new Date(takenAt.getTime() + claim.keyExpiresAt - claim.at) : null,
});

type Restore = Pick<typeof restores.$inferSelect, 'takenAt' | 'restoredAt'>;

/** Read once: a database is restored while no worker runs. */
const lastRestore = (db: Database): (() => Promise<Restore | null>) => {
  let known: Promise<Restore | null> | null = null;
  const read = async (): Promise<Restore | null> => {
    const [row] = await db
      .select({ takenAt: restores.takenAt, restoredAt: restores.restoredAt })
      .from(restores)
      .where(eq(restores.leavesDoubt, true))
      .orderBy(desc(restores.id))
      .limit(1);
    return row ?? null;
  };
  return () => {
    known ??= read().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
};

/** A run that the restored database does not know began after the backup, in a Temporal that was not set back with it. */
const isOlder = async (tx: Transaction, runId: string, restoredAt: Date): Promise<boolean> => {
  const [run] = await tx.select({ createdAt: runs.createdAt }).from(runs).where(eq(runs.id, runId));
  return !run || run.createdAt <= restoredAt;
};

const getRow = async (tx: Transaction, effect: EffectId): Promise<Row> => {
  const [row] = await tx.select().from(effects).where(isEffect(effect));
  if (!row) throw new Error(`The effect ${effect.effectKey} vanished from the ledger between two statements.`);
  return row;
};

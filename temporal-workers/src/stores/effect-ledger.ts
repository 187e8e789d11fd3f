import type { EffectClaim, EffectId, EffectIntent, EffectLedger, EffectRecord } from '@everwave/activities/worker';
import type { Json } from '@everwave/schema/flow';
import { type Database, inOrg, tables } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { desc, eq } from 'drizzle-orm';

const { restores } = tables;

/** As the driver gives it: moments are texts. */
interface Row {
  readonly request_hash: string;
  readonly state: EffectRecord['state'];
  readonly attempt: number;
  readonly ordinal: number;
  readonly first_sent_at: string | null;
  readonly key_expires_at: string | null;
  readonly result_sealed: Uint8Array | null;
}

const toMoment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const fromMoment = (text: string | null): number | null => (text === null ? null : Date.parse(text));

/** The ledger in Postgres. Every transition is one conditional statement, so that two attempts cannot both win. */
export const createEffectLedger = (db: Database, ring: KeyRing): EffectLedger => {
  const toRecord = async ({ orgId, effectKey }: EffectId, row: Row): Promise<EffectRecord> => ({
    requestHash: row.request_hash,
    state: row.state,
    attempt: row.attempt,
    ordinal: row.ordinal,
    firstSentAt: fromMoment(row.first_sent_at),
    keyExpiresAt: fromMoment(row.key_expires_at),
    ...(row.result_sealed
      ? { result: await ring.openJson<Json>(orgId, row.result_sealed, additionalData.effectResult(effectKey)) }
      : {}),
  });

  const findRestore = lastRestore(db);

  const insert = async (intent: EffectIntent, { state, attempt, firstSentAt, keyExpiresAt }: NewState) => {
    const { orgId, effectKey, runId, path, activity, requestHash, ordinal } = intent;
    const [row] = await inOrg(
      db,
      orgId,
      (sql) => sql<Row[]>`
        insert into effects (
          org_id, effect_key, run_id, path, activity, request_hash, ordinal, state, attempt, first_sent_at, key_expires_at
        )
        values (
          ${orgId}, ${effectKey}, ${runId}, ${path}, ${activity}, ${requestHash}, ${ordinal}::integer, ${state},
          ${attempt}::integer, ${toMoment(firstSentAt)}::timestamptz, ${toMoment(keyExpiresAt)}::timestamptz
        )
        on conflict do nothing
        returning request_hash, state, attempt, ordinal, first_sent_at, key_expires_at, result_sealed`,
    );
    return row;
  };

  const getRow = async ({ orgId, effectKey }: EffectId): Promise<Row> => {
    const [row] = await inOrg(
      db,
      orgId,
      (sql) => sql<Row[]>`
        select request_hash, state, attempt, ordinal, first_sent_at, key_expires_at, result_sealed from effects
        where org_id = ${orgId} and effect_key = ${effectKey}`,
    );
    if (!row) throw new Error(`The effect ${effectKey} vanished from the ledger between two statements.`);
    return row;
  };

  return {
    begin: async (intent, claim) => {
      const restore = await findRestore();
      const isLost = restore !== null && (await isOlder(db, intent, restore.restoredAt));
      const inserted = await insert(intent, isLost ? asLost(restore.takenAt, claim) : asBegun(claim));
      const record = await toRecord(intent, inserted ?? (await getRow(intent)));
      const isNew = inserted !== undefined;
      return { created: isNew && !isLost, record: { ...record, ...(isNew && isLost ? { lost: true } : {}) } };
    },

    markSent: async ({ orgId, effectKey }, { ordinal, at, keyExpiresAt, seenAttempt }) => {
      const changed = await inOrg(
        db,
        orgId,
        (sql) => sql`
          update effects set
            state = 'sent',
            ordinal = ${ordinal}::integer,
            attempt = attempt + 1,
            first_sent_at = coalesce(first_sent_at, ${toMoment(at)}::timestamptz),
            key_expires_at = coalesce(key_expires_at, ${toMoment(keyExpiresAt)}::timestamptz),
            updated_at = ${new Date().toISOString()}::timestamptz
          where org_id = ${orgId} and effect_key = ${effectKey} and attempt = ${seenAttempt}::integer
            and state not in ('confirmed', 'cancelled')
          returning attempt`,
      );
      return changed.length === 1;
    },

    confirm: async ({ orgId, effectKey }, { result, ordinal }) => {
      const resultSealed = await ring.sealJson(orgId, result, additionalData.effectResult(effectKey));
      await inOrg(
        db,
        orgId,
        (sql) => sql`
          update effects set
            state = 'confirmed',
            result_sealed = ${resultSealed},
            ordinal = ${ordinal}::integer,
            updated_at = ${new Date().toISOString()}::timestamptz
          where org_id = ${orgId} and effect_key = ${effectKey} and state <> 'confirmed'`,
      );
    },

    settle: async ({ orgId, effectKey }, { state, attempt, ordinal }) => {
      await inOrg(
        db,
        orgId,
        (sql) => sql`
          update effects set
            state = ${state}, ordinal = ${ordinal}::integer, updated_at = ${new Date().toISOString()}::timestamptz
          where org_id = ${orgId} and effect_key = ${effectKey} and state <> 'confirmed'
            and attempt = ${attempt}::integer`,
      );
    },
  };
};

interface NewState {
  readonly state: 'sent' | 'intent';
  readonly attempt: number;
  readonly firstSentAt: number | null;
  readonly keyExpiresAt: number | null;
}

const asBegun = (claim: Pick<EffectClaim, 'at' | 'keyExpiresAt'> | null): NewState => ({
  state: claim ? 'sent' : 'intent',
  attempt: claim ? 1 : 0,
  firstSentAt: claim?.at ?? null,
  keyExpiresAt: claim?.keyExpiresAt ?? null,
});

/** As if it had been sent right after the backup: a provider's key counts from there. */
const asLost = (takenAt: Date, claim: Pick<EffectClaim, 'at' | 'keyExpiresAt'> | null): NewState => ({
  state: 'sent',
  attempt: 1,
  firstSentAt: takenAt.getTime(),
  keyExpiresAt: claim?.keyExpiresAt ? takenAt.getTime() + claim.keyExpiresAt - claim.at : null,
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
const isOlder = async (db: Database, { orgId, runId }: EffectIntent, restoredAt: Date): Promise<boolean> => {
  const [run] = await inOrg(
    db,
    orgId,
    (sql) => sql<{ created_at: string }[]>`select created_at from runs where id = ${runId}`,
  );
  return !run || Date.parse(run.created_at) <= restoredAt.getTime();
};

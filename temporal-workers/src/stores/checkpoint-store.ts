import type { CheckpointStore, EffectId } from '@everwave/activities/worker';
import type { Json } from '@everwave/schema/flow';
import { type Database, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { and, eq } from 'drizzle-orm';

const { effectCheckpoints } = tables;

/** Results of `step.once` in Postgres, sealed. */
export const createCheckpointStore = (db: Database, ring: KeyRing): CheckpointStore => {
  const open = ({ orgId, effectKey }: EffectId, name: string, sealed: Uint8Array): Promise<Json> =>
    ring.openJson(orgId, sealed, additionalData.checkpointValue(effectKey, name));

  return {
    find: async (effect, name) => {
      const sealed = await withOrg(db, effect.orgId, (tx) => findSealed(tx, effect, name));
      return sealed && open(effect, name, sealed);
    },
    save: async (effect, name, value) => {
      const { orgId, effectKey } = effect;
      const valueSealed = await ring.sealJson(orgId, value, additionalData.checkpointValue(effectKey, name));
      const stored = await withOrg(db, orgId, async (tx) => {
        await tx.insert(effectCheckpoints).values({ orgId, effectKey, name, valueSealed }).onConflictDoNothing();
        return findSealed(tx, effect, name);
      });
      if (!stored) throw new Error(`The checkpoint ${name} of the effect ${effectKey} was not stored.`);
      return open(effect, name, stored);
    },
  };
};

const findSealed = async (tx: Transaction, { orgId, effectKey }: EffectId, name: string) => {
  const [row] = await tx
    .select({ valueSealed: effectCheckpoints.valueSealed })
    .from(effectCheckpoints)
    .where(
      and(
        eq(effectCheckpoints.orgId, orgId),
        eq(effectCheckpoints.effectKey, effectKey),
        eq(effectCheckpoints.name, name),
      ),
    );
  return row?.valueSealed;
};

import type { CheckpointStore, EffectId } from '@everwave/activities/worker';
import type { Json } from '@everwave/schema/flow';
import { type Database, inOrg } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';

/** Results of `step.once` in Postgres, sealed. */
export const createCheckpointStore = (db: Database, ring: KeyRing): CheckpointStore => {
  const open = ({ orgId, effectKey }: EffectId, name: string, sealed: Uint8Array): Promise<Json> =>
    ring.openJson(orgId, sealed, additionalData.checkpointValue(effectKey, name));

  const findSealed = async ({ orgId, effectKey }: EffectId, name: string): Promise<Uint8Array | undefined> => {
    const [row] = await inOrg(
      db,
      orgId,
      (sql) => sql<{ value_sealed: Uint8Array }[]>`
        select value_sealed from effect_checkpoints
        where org_id = ${orgId} and effect_key = ${effectKey} and name = ${name}`,
    );
    return row?.value_sealed;
  };

  return {
    find: async (effect, name) => {
      const sealed = await findSealed(effect, name);
      return sealed && open(effect, name, sealed);
    },
    save: async (effect, name, value) => {
      const { orgId, effectKey } = effect;
      const sealed = await ring.sealJson(orgId, value, additionalData.checkpointValue(effectKey, name));
      const [inserted] = await inOrg(
        db,
        orgId,
        (sql) => sql`
          insert into effect_checkpoints (org_id, effect_key, name, value_sealed)
          values (${orgId}, ${effectKey}, ${name}, ${sealed})
          on conflict do nothing
          returning name`,
      );
      const stored = inserted ? sealed : await findSealed(effect, name);
      if (!stored) throw new Error(`The checkpoint ${name} of the effect ${effectKey} was not stored.`);
      return open(effect, name, stored);
    },
  };
};

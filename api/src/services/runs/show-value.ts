import type { KeptValue } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { valueLimits } from '@everwave/schema/run';
import type { KeyRing } from '@everwave/temporal/encryption';
import { openShown, type Shown } from '@everwave/temporal/values';

/** A value as the pages and the API show it: itself, or what stands in its place. */
export type ShownValue = { readonly value?: Json; readonly reference?: KeptValue };

export const showValue = async (
  ring: KeyRing,
  { orgId, sealed, binding }: { readonly orgId: string; readonly sealed: Uint8Array | null; readonly binding: string },
): Promise<ShownValue> => (sealed ? toShownValue(await openShown(ring, { orgId, sealed, binding })) : {});

const toShownValue = (shown: Shown): ShownValue => {
  if ('value' in shown) return { value: shown.value };
  if ('reference' in shown) return { reference: shown.reference };
  const { work } = shown.recipe;
  const template = JSON.stringify('template' in work ? work.template : null);
  return { reference: { ref: null, bytes: null, sha256: null, preview: template.slice(0, valueLimits.preview) } };
};

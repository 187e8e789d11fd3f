import type { KeptValue } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { mask as masked, type Mask, valueLimits } from '@everwave/schema/run';
import type { KeyRing } from '@everwave/temporal/encryption';
import { openShown, type Shown } from '@everwave/temporal/values';

/** A value as the pages and the API show it: itself, or what stands in its place. */
export type ShownValue = { readonly value?: Json; readonly reference?: KeptValue };

/** `mask`: null shows all of it. */
export const showValue = async (
  ring: KeyRing,
  { orgId, sealed, binding }: { readonly orgId: string; readonly sealed: Uint8Array | null; readonly binding: string },
  mask: Mask | null,
): Promise<ShownValue> => {
  if (!sealed) return {};
  const shown = toShownValue(await openShown(ring, { orgId, sealed, binding }));
  if (!mask) return shown;
  if (shown.value !== undefined) return { value: mask(shown.value) };
  // The beginning of a value is text, in which no field is told from another.
  return shown.reference ? { reference: { ...shown.reference, preview: masked } } : shown;
};

const toShownValue = (shown: Shown): ShownValue => {
  if ('value' in shown) return { value: shown.value };
  if ('reference' in shown) return { reference: shown.reference };
  const { work } = shown.recipe;
  const template = JSON.stringify('template' in work ? work.template : null);
  return { reference: { ref: null, bytes: null, sha256: null, preview: template.slice(0, valueLimits.preview) } };
};

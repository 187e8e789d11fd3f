import type { EvaluationRequest } from '@everwave/schema/expression';
import type { Json } from '@everwave/schema/flow';
import type { ValueReference } from '@everwave/schema/run';
import { additionalData } from '../encryption/additional-data.ts';
import { BrokenSeal, type KeyRing } from '../encryption/key-ring.ts';

/** What a column of the projection holds: a value, or what stands in its place. */
export type Shown =
  | { readonly value: Json }
  | { readonly reference: ValueReference }
  /** An input that its activity evaluates: with values that are kept outside of the run. */
  | { readonly recipe: EvaluationRequest };

/** What is sealed as a value opens as a value alone, whatever it looks like. */
export const openShown = async (
  ring: KeyRing,
  { orgId, sealed, binding }: { readonly orgId: string; readonly sealed: Uint8Array; readonly binding: string },
): Promise<Shown> => {
  try {
    return { value: await ring.openJson<Json>(orgId, sealed, binding) };
  } catch (error) {
    if (!(error instanceof BrokenSeal)) throw error;
    return ring.openJson<Exclude<Shown, { value: Json }>>(orgId, sealed, additionalData.inPlaceOf(binding));
  }
};

/** Seals what a column holds. */
export const sealShown = (ring: KeyRing, orgId: string, shown: Shown, binding: string): Promise<Uint8Array> =>
  'value' in shown
    ? ring.sealJson(orgId, shown.value, binding)
    : ring.sealJson(orgId, shown as unknown as Json, additionalData.inPlaceOf(binding));

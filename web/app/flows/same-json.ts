import { toCanonicalJson } from '@everwave/schema/flow';

/** Whether two parts of drawings say the same. Order of members means nothing in JSON; what is not there is null. */
export const isSameJson = (left: unknown, right: unknown): boolean => {
  const [one, other] = [left ?? null, right ?? null];
  return one === other || toCanonicalJson({ value: one }) === toCanonicalJson({ value: other });
};

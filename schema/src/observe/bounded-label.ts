/**
 * Keeps a label's values few: the first `limit` different ones stay themselves, every later one is `other`. A metric
 * with a series per flow must not grow with the number of flows for ever.
 */
export const boundedLabel = (limit: number): ((value: string) => string) => {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= limit) return 'other';
    known.add(value);
    return value;
  };
};

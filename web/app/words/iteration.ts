/**
 * Which iterations a step's path stands in, for a person: `each[7].send` is item 8, `each[0].parts[2].send` item 1.3.
 * Null outside of loops.
 */
export const iterationWord = (path: string): string | null => {
  const indexes = [...path.matchAll(/\[(\d+)\]/g)].map(([, index]) => Number(index) + 1);
  return indexes.length > 0 ? indexes.join('.') : null;
};

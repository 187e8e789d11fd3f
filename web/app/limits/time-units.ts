const units = [
  ['hours', 3_600],
  ['minutes', 60],
  ['seconds', 1],
] as const;

export type TimeUnit = (typeof units)[number][0];

export const timeUnits: readonly TimeUnit[] = ['seconds', 'minutes', 'hours'];

/** So many seconds in the largest unit that holds them as a whole number. */
export const inUnit = (seconds: number): { readonly count: number; readonly unit: TimeUnit } => {
  for (const [unit, length] of units) if (seconds % length === 0) return { count: seconds / length, unit };
  return { count: seconds, unit: 'seconds' };
};

export const toSeconds = (count: number, unit: string | undefined): number =>
  count * (units.find(([name]) => name === unit)?.[1] ?? 1);

import type { Duration } from '@everwave/schema/flow';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `'15s'` → 15 000. */
export const toMilliseconds = (duration: Duration): number => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
  if (!match) throw new Error(`"${duration}" is no duration. Write a number and a unit: 500ms, 15s, 2m, 1h, 30d.`);
  return Number(match[1]) * units[match[2] as keyof typeof units];
};

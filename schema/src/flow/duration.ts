import type { Duration } from './plan.ts';

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(\d{1,6})(ms|s|m|h|d)$/;

export const isDuration = (value: unknown): value is Duration => typeof value === 'string' && pattern.test(value);

/** `'10m'` → 600000. Throws when the text is no duration. */
export const toMilliseconds = (duration: Duration): number => {
  const [, count, unit] = pattern.exec(duration) ?? [];
  if (count === undefined || unit === undefined) {
    throw new TypeError(`"${duration}" is no duration. Write a number and a unit: 500ms, 15s, 10m, 2h, 30d.`);
  }
  return Number(count) * milliseconds[unit as keyof typeof milliseconds];
};

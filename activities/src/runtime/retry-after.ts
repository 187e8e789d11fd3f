/** A `Retry-After` header (seconds or a date) or milliseconds, as milliseconds from now; `null` when it says nothing. */
export const retryAfterMs = (value: string | number | null | undefined, now: number): number | null => {
  if (typeof value === 'number') return Math.max(0, value);
  const text = value?.trim();
  if (!text) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
};

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

const units = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** `3 min. ago`, `in 12 sec.`, `just now`. Both times in Unix ms. */
export const formatRelative = (at: number, now: number): string => {
  const difference = at - now;
  const distance = Math.abs(difference);
  if (distance < 5_000) return 'just now';
  for (const [unit, milliseconds] of units) {
    if (distance >= milliseconds) return relative.format(Math.trunc(difference / milliseconds), unit).replace('.', '');
  }
  return 'just now';
};

/** `340 ms`, `1.2 s`, `2 min 5 s`, `3 h 12 min`, `2 d 4 h`. */
export const formatDuration = (milliseconds: number): string => {
  const total = Math.max(0, Math.round(milliseconds));
  if (total < 1_000) return `${total} ms`;
  if (total < 9_950) return `${(total / 1_000).toFixed(1)} s`;
  const seconds = Math.round(total / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'min');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
};

/** How long something took, or has been taking. Null before it began. */
export const elapsed = (startedAt: string | null, finishedAt: string | null, now: number): number | null =>
  startedAt === null ? null : (finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt);

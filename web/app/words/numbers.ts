const whole = new Intl.NumberFormat('en');

export const formatCount = (count: number, singular: string, plural = `${singular}s`): string =>
  `${whole.format(count)} ${count === 1 ? singular : plural}`;

/** `312 B`, `4.1 KB`, `2.0 MB`. */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
};

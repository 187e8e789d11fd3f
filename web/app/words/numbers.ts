const whole = new Intl.NumberFormat('en');

export const formatCount = (count: number, singular: string, plural = `${singular}s`): string =>
  `${whole.format(count)} ${count === 1 ? singular : plural}`;

/** `97.4 %`, `100 %`: never rounded up to all or down to nothing. */
export const formatShare = (share: number): string => {
  if (share === 0 || share === 1) return `${share * 100} %`;
  const percent = Math.min(99.9, Math.max(0.1, Math.round(share * 1_000) / 10));
  return `${percent} %`;
};

/** `312 B`, `4.1 KB`, `2.0 MB`. */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
};

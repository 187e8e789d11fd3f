const hour = 3_600_000;
const day = 24 * hour;

export interface InsightsWindow {
  readonly from: Date;
  readonly to: Date;
  readonly bucket: 'hour' | 'day';
  /** The beginning of each bucket, oldest first. */
  readonly buckets: readonly Date[];
}

/** So many days of UTC up to `now`, today included; up to two days are told by the hour. */
export const insightsWindow = (days: number, now: number): InsightsWindow => {
  const from = Math.floor(now / day) * day - (days - 1) * day;
  const bucket = days <= 2 ? 'hour' : 'day';
  const width = bucket === 'hour' ? hour : day;
  const buckets = Array.from({ length: Math.floor((now - from) / width) + 1 }, (_, index) => from + index * width);
  return { from: new Date(from), to: new Date(now), bucket, buckets: buckets.map((at) => new Date(at)) };
};

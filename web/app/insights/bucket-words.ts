const hours = new Intl.DateTimeFormat('en', { weekday: 'short', hour: 'numeric', hour12: false, timeZone: 'UTC' });
const days = new Intl.DateTimeFormat('en', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `Tue, Jun 9`, or `Tue, 14` for an hour; days are those of UTC, as the api cuts them. */
export const bucketWord = (at: string, bucket: 'hour' | 'day'): string =>
  (bucket === 'hour' ? hours : days).format(new Date(at));

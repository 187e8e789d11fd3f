import type { Schedule } from './schedule.ts';
import { scheduleKind } from './schedule-of.ts';

/** What a run that a schedule started reads as `trigger`. */
export const fireData = (
  { body }: Pick<Schedule, 'body'>,
  { scheduledAt, receivedAt }: { readonly scheduledAt: string; readonly receivedAt: Date },
) => ({
  kind: scheduleKind,
  method: null,
  headers: {},
  query: {},
  body,
  scheduledAt,
  receivedAt: receivedAt.toISOString(),
});

import type { Plan } from '@everwave/schema/flow';
import type { Express } from '../workflows/express-lane.ts';
import { endOf, type ExpressOutcome, toExpressFailure, toExpressSuccess } from '../workflows/express-outcome.ts';
import type { HistoryDecoder, HistoryEvent } from './decode-history.ts';

/** The end of an express step, as history keeps it. */
export interface Marker {
  /** The last attempt of the local activity, from 1. */
  readonly attempt: number;
  /** What the workflow's clock shows from then on, Unix ms. */
  readonly completedAt: number;
  /** Which of the steps under way it is that ended. */
  find<Owner>(underWay: readonly Express<Owner>[]): Express<Owner> | undefined;
  outcomeOf(plan: Plan, step: Express<unknown>): ExpressOutcome;
}

const markerName = 'core_local_activity';

/** What the SDK notes about a local activity: plain text, ids and times only. */
interface MarkerData {
  readonly attempt?: number;
  readonly activity_type?: string;
  readonly complete_time?: { readonly seconds?: number; readonly nanos?: number } | null;
}

/** The express steps that ended in the workflow task just completed, in order. */
export const endedSteps = async (
  following: readonly HistoryEvent[],
  decoder: HistoryDecoder,
): Promise<readonly Marker[]> => {
  const markers: Marker[] = [];
  for (const event of following) {
    if (event.workflowTaskScheduledEventAttributes) break;
    const attributes = event.markerRecordedEventAttributes;
    if (attributes?.markerName !== markerName) continue;
    const data = readData(attributes.details?.['data']?.payloads?.[0]?.data);
    const error = attributes.failure ? await decoder.error(attributes.failure) : undefined;
    const result = error ? undefined : await decoder.first(attributes.details?.['result']);
    const end = endOf(error ?? result);
    const { seconds = 0, nanos = 0 } = data.complete_time ?? {};
    markers.push({
      attempt: data.attempt ?? 1,
      completedAt: Math.floor(seconds * 1_000 + nanos / 1_000_000),
      find: (underWay) =>
        underWay.find(({ owner, command }) => command.activityId === end?.step && isOf(owner, end.runId)) ??
        underWay.find(({ command }) => command.activity === data.activity_type),
      outcomeOf: (plan, step) => (error ? toExpressFailure(plan, step, error) : toExpressSuccess(plan, step, result)),
    });
  }
  return markers;
};

const readData = (bytes: Uint8Array | null | undefined): MarkerData =>
  bytes ? (JSON.parse(Buffer.from(bytes).toString('utf8')) as MarkerData) : {};

/** In a host several runs can have the same step under way. */
const isOf = (owner: unknown, runId: string): boolean =>
  owner === null || (owner as { readonly runId: string }).runId === runId;

import { type MigrateRequest, migrateUpdate, type SupersedeRequest, supersedeUpdate } from '@everwave/schema/run';
import { ActivityFailure, decodeRetryState } from '@temporalio/common';
import type { EntryOf } from '../projection/entry.ts';
import { toDeferral } from '../projection/to-failure.ts';
import type { Happening } from '../workflows/arrival.ts';
import { parseMigrate, parseSupersede } from '../workflows/change-desk.ts';
import { type ParsedRepair, parseRepair, type RepairAction } from '../workflows/messages.ts';
import type { ScheduleActivity } from '../workflows/outcome.ts';
import { isWaitUpdate, parseWaitMessage, type WaitMessage } from '../workflows/wait-messages.ts';
import type { HistoryDecoder, HistoryEvent } from './decode-history.ts';
import type { Marker } from './read-markers.ts';

/** What a workflow task brings: as in the workflow, but for a repair nobody waits any more. */
export type FoldArrival =
  | Happening
  | ({ readonly type: 'repair' } & ParsedRepair)
  | { readonly type: 'message'; readonly message: WaitMessage }
  | { readonly type: 'supersede'; readonly request: SupersedeRequest }
  | { readonly type: 'migrate'; readonly request: MigrateRequest }
  | { readonly type: 'express'; readonly marker: Marker };

/** The updates that the workflow task just completed has accepted: they follow it, before the next task. */
export const acceptedUpdates = async (
  following: readonly HistoryEvent[],
  decoder: HistoryDecoder,
): Promise<FoldArrival[]> => {
  const accepted: FoldArrival[] = [];
  for (const event of following) {
    if (event.workflowTaskScheduledEventAttributes) break;
    const request = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
    if (!request) continue;
    const message = await decoder.first(request.args);
    accepted.push(toArrival(request.name ?? '', message));
  }
  return accepted;
};

const toArrival = (name: string, message: unknown): FoldArrival => {
  if (name === supersedeUpdate) return { type: 'supersede', request: parseSupersede(message) };
  if (name === migrateUpdate) return { type: 'migrate', request: parseMigrate(message) };
  if (isWaitUpdate(name)) return { type: 'message', message: parseWaitMessage(name, message) };
  return { type: 'repair', ...parseRepair(name as RepairAction, message) };
};

/** As the SDK hands it to a workflow. */
export const toActivityFailure = (
  { activity, activityId }: ScheduleActivity,
  cause: Error | undefined,
  ended: { readonly retryState?: number | null } | null | undefined,
): ActivityFailure => {
  const retryState = decodeRetryState(ended?.retryState);
  return new ActivityFailure('Activity task failed', activity, activityId, retryState, undefined, cause);
};

/** How an attempt ended, as its row says it. */
export const toEnding = (happening: Happening): Pick<EntryOf<'attemptEnded'>, 'status' | 'failure'> => {
  if (happening.type === 'stepSucceeded') return { status: 'succeeded' };
  if (happening.type === 'stepFailed') return { status: 'failed', failure: happening.failure };
  if (happening.type === 'stepDeferred') return { status: 'deferred', failure: toDeferral(happening) };
  return { status: 'cancelled' };
};

import { type Backfill, type Backfilled, mostBackfilled, type StartedRun } from '@everwave/schema/api';
import { withOrg } from '@everwave/schema/db';
import { fireData } from '@everwave/schema/flow';
import { runIdSchema } from '@everwave/schema/ids';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { runUrl } from '../../settings.ts';
import { audit } from '../audit.ts';
import { getVersion } from '../flows/versions.ts';
import { readWhenFull } from '../../limits/admit-run.ts';
import { type Accepted, acceptDelivery, type AcceptingTrigger } from '../hooks/accept-delivery.ts';
import { getRunnableFlow } from '../runs/start-run.ts';
import { getSchedule, type ScheduleRow } from './find-schedules.ts';

interface Runnable {
  readonly found: ScheduleRow;
  readonly trigger: AcceptingTrigger;
}

/** Starts a run now, as if it were time, beside one that is under way. Also while the schedule is paused. */
export const triggerSchedule = async (context: ServiceContext, id: string): Promise<StartedRun> => {
  const { db, caller, settings } = context;
  const runnable = await withOrg(db, caller.orgId, async (tx) => {
    const { found, trigger } = await getRunnable(tx, context, id);
    await audit(tx, context, {
      action: 'schedule.triggered',
      target: { kind: 'flow', id: found.row.flowId, name: found.flowName },
      details: { scheduleId: id },
    });
    return { found, trigger };
  });
  const { runId } = await accept(context, runnable, null);
  kick(context);
  if (runId === null) throw problem('run_limit_reached', 'The flow is at its limit and skips what comes then.');
  return { runId: runIdSchema.parse(runId), url: runUrl(settings, runId) };
};

/**
 * Makes up for times that have passed, each once: one that has its run, or was skipped, is not repeated, so that a
 * backfill that broke off is simply asked for again. Runs do not wait for each other unless the flow's limits say so.
 */
export const backfillSchedule = async (
  context: ServiceContext,
  id: string,
  { from, to }: Backfill,
): Promise<Backfilled> => {
  const { db, caller } = context;
  const span = { from: new Date(from), to: new Date(to) };
  refuseSpan(span);
  const runnable = await withOrg(db, caller.orgId, (tx) => getRunnable(tx, context, id));
  const times = await timesOf(context, runnable.found, span);
  await withOrg(db, caller.orgId, (tx) =>
    audit(tx, context, {
      action: 'schedule.backfilled',
      target: { kind: 'flow', id: runnable.found.row.flowId, name: runnable.found.flowName },
      details: { scheduleId: id, from, to, times: times.length },
    }),
  );
  const count = { times: times.length, started: 0, repeated: 0, skipped: 0 };
  for (const time of times) {
    const { outcome } = await accept(context, runnable, time);
    if (outcome === 'accepted') count.started += 1;
    else if (outcome === 'duplicate') count.repeated += 1;
    else count.skipped += 1;
  }
  kick(context);
  return count;
};

const getRunnable = async (
  tx: Parameters<typeof getSchedule>[0],
  context: ServiceContext,
  id: string,
): Promise<Runnable> => {
  const found = await getSchedule(tx, context, id);
  const { orgId, flowId } = found.row;
  const flow = await getRunnableFlow(tx, context, flowId);
  const { planHash } = await getVersion(tx, flowId, flow.liveVersion);
  return {
    found,
    trigger: {
      id,
      orgId,
      flowId,
      nodeId: found.nodeId,
      kind: found.kind,
      collect: null,
      flowStatus: flow.status,
      flowVersion: flow.liveVersion,
      planHash,
      whenFull: await readWhenFull(tx, orgId, flowId),
    },
  };
};

const refuseSpan = ({ from, to }: { readonly from: Date; readonly to: Date }): void => {
  if (from >= to) throw refused('from', 'It must lie before `to`.');
  if (to.getTime() > Date.now())
    throw refused('to', 'It lies in the future: only times that have passed are made up for.');
};

const refused = (path: string, message: string) =>
  problem('backfill_refused', `Correct ${path}: ${message}`, { errors: [{ path, message }] });

const timesOf = async (
  { temporal }: ServiceContext,
  { row }: ScheduleRow,
  span: { readonly from: Date; readonly to: Date },
): Promise<readonly Date[]> => {
  const times = await temporal.timesWithin(row, span).catch((error: unknown) => {
    throw problem('temporal_unavailable', 'Temporal computes the times, and does not answer. Nothing was started.', {
      cause: error,
    });
  });
  if (times === null) {
    throw problem(
      'temporal_unavailable',
      'Temporal has no such schedule yet. Try again in a moment; nothing was started.',
    );
  }
  if (times.length > mostBackfilled) {
    throw refused(
      'to',
      `There are more than ${mostBackfilled} times in this span. Choose a shorter one; nothing was started.`,
    );
  }
  return times;
};

/** A time in whole seconds, as the workflows of Temporal name it. */
const toName = (time: Date): string => time.toISOString().replace(/\.\d{3}Z$/, 'Z');

const accept = (context: ServiceContext, { found, trigger }: Runnable, time: Date | null): Promise<Accepted> => {
  const receivedAt = new Date();
  const data = fireData(found.row.schedule, { scheduledAt: toName(time ?? receivedAt), receivedAt });
  return acceptDelivery(context, trigger, {
    deliveryId: time && toName(time),
    data,
    bytes: Buffer.byteLength(JSON.stringify(data)),
    requestId: context.requestId,
    startedBy: context.caller.name,
  });
};

const kick = ({ placer, dispatcher }: ServiceContext): void => {
  placer.kick();
  dispatcher.kick();
};

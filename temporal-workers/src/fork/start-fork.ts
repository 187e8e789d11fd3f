import { type Forked, forkState, type KeepResults } from '@everwave/schema/interpreter';
import { workflowIdOf } from '@everwave/schema/ids';
import {
  isClosed,
  type Failure,
  forkRefusedFailure,
  type StartedFork,
  type StartForkInput,
  type SupersedeRequest,
} from '@everwave/schema/run';
import { readRunRecord, type RecordedRun, supersedeRun } from '@everwave/temporal/runs';
import { shareBlobs } from '@everwave/temporal/values';
import { ApplicationFailure } from '@temporalio/common';
import { type ReconcileOptions, reconcileRun } from '../reconciler/reconcile.ts';
import { keepBatches } from './keep-batches.ts';
import { keepWithinSize } from './keep-within-size.ts';
import { withVariables } from './with-variables.ts';

export interface StartForkTools extends ReconcileOptions {
  /** Says that it is still at work. */
  readonly beat: () => void;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/** Comparisons that may find that the run went on meanwhile. */
const comparisons = 40;
const pause = 250;

/**
 * Makes the state that a fork begins with, out of what is recorded of its origin. An origin that is open is superseded
 * first, behind those of its sub-flows that end with it: from then on nothing of it happens any more, and its record is
 * final. Safe to repeat, whatever was cut off: the fork's own workflow is there before the origin ends, and waits for this.
 */
export const startFork = async (tools: StartForkTools, request: StartForkInput): Promise<StartedFork> => {
  let origin = await readFinal(tools, request);
  const { runId: byRunId, fork: order } = request;
  // Refused now, the origin goes on; later it could not.
  forkedOrRefused(await fork(tools, request, origin), request);
  for (const { runId, ...by } of order.ending ?? []) await supersede(tools, request, runId, by);
  if (!isClosed(origin.run.status)) {
    await supersede(tools, request, order.originRunId, { byRunId, seq: order.originSeq ?? -1 });
    origin = await readFinal(tools, request);
  }
  const isExpected = origin.run.supersededByRunId === byRunId;
  if (!isExpected && (order.originSeq !== null || origin.run.supersededByRunId !== null)) {
    throw refused(
      request,
      origin.run.supersededByRunId === null
        ? `The run ${request.fork.originRunId} has ended meanwhile as ${origin.run.status}. Look at it, and decide anew.`
        : `The run ${request.fork.originRunId} was started again meanwhile, as ${origin.run.supersededByRunId}.`,
    );
  }
  const keep = keepBatches(tools, request);
  const forked = keepWithinSize(forkedOrRefused(await fork(tools, request, origin, keep), request));
  await shareBlobs(tools.db, request.orgId, { from: order.originRunId, to: byRunId });
  return forked;
};

const fork = async (
  tools: StartForkTools,
  { orgId, runId, plan, fork: order, at, run, seed, env }: StartForkInput,
  { record }: RecordedRun,
  keep?: KeepResults,
): Promise<Forked> =>
  forkState(
    plan,
    await withVariables(tools, { orgId, runId, plan }, record),
    order,
    { at, run, seed, ...(env && { env }) },
    keep,
  );

const forkedOrRefused = (forked: Forked, request: StartForkInput): StartedFork => {
  if (forked.ok) {
    const { state, kept, commands } = forked;
    return { state, kept, ...(commands.length > 0 && { commands }) };
  }
  throw refused(request, forked.problems.map(({ message }) => message).join(' '));
};

const refused = ({ fork: { originRunId } }: StartForkInput, message: string): ApplicationFailure => {
  const failure: Failure = {
    name: forkRefusedFailure,
    message,
    advice: `Nothing was done. Open the run ${originRunId}, and start it again from there.`,
  };
  return ApplicationFailure.create({ message, type: forkRefusedFailure, nonRetryable: true, details: [failure] });
};

const supersede = async (
  tools: StartForkTools,
  request: StartForkInput,
  runId: string,
  by: SupersedeRequest,
): Promise<void> => {
  const { orgId } = request;
  const answer = await supersedeRun(tools.client, { orgId, runId }, by);
  // Closed already: by this very fork, before it was cut off, or otherwise; its row will tell.
  if (!answer.ok && answer.reason !== 'run_not_open' && answer.reason !== 'run_is_ending') {
    throw refused(request, `${runId}: ${answer.message}`);
  }
  const handle = tools.client.workflow.getHandle(workflowIdOf(orgId, runId));
  while ((await handle.describe()).status.name === 'RUNNING') {
    tools.beat();
    await tools.sleep(pause);
  }
};

/** The origin as its history says, or, when Temporal has forgotten that, as the projection does. */
const readFinal = async (tools: StartForkTools, { orgId, fork: order }: StartForkInput): Promise<RecordedRun> => {
  const { originRunId: runId } = order;
  for (let left = comparisons; left > 0; left -= 1) {
    const known = await readRunRecord(tools.db, tools.ring, { orgId, runId });
    if (!known) {
      throw ApplicationFailure.nonRetryable(`The run ${runId} is no longer known.`, forkRefusedFailure);
    }
    tools.beat();
    if ((await reconcileRun(tools, known.run)) !== 'stale') {
      const final = await readRunRecord(tools.db, tools.ring, { orgId, runId });
      if (final) return final;
    }
    await tools.sleep(pause);
  }
  throw new Error(`The run ${runId} does not come to rest.`);
};

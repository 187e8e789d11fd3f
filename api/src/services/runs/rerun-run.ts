import type { Rerun, StartedRun } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { runUrl } from '../../settings.ts';
import { audit } from '../audit.ts';
import { getVersion } from '../flows/versions.ts';
import { claimKey, hashRequest } from './claim-key.ts';
import { getRun, type RunRow } from './find-run.ts';
import { queueRun, type RunOrigin, sealRun } from './queue-run.ts';
import { getRunnableFlow } from './start-run.ts';

export interface RerunRequest extends Rerun {
  /** Two requests with one key are one run. */
  readonly idempotencyKey?: string | undefined;
}

/** Queues a new run with an earlier one's input. All its effects are new ones: nothing is recognised from the earlier run. */
export const rerunRunOfOrg = async (
  context: ServiceContext,
  runId: string,
  { version, idempotencyKey }: RerunRequest,
): Promise<StartedRun> => {
  const { db, caller, ring, requestId, settings, dispatcher, placer } = context;
  const earlier = await withOrg(db, caller.orgId, (tx) => getRun(tx, context, runId));
  const data = await ring.openJson(caller.orgId, earlier.triggerSealed, additionalData.runTrigger(runId));
  const run = await sealRun(ring, caller.orgId, data);

  const startedId = await withOrg(db, caller.orgId, async (tx) => {
    if (idempotencyKey !== undefined) {
      const claim = { key: idempotencyKey, requestHash: hashRequest(['rerun', runId, version]), runId: run.id };
      const found = await claimKey(tx, caller.orgId, claim);
      if (found) return found;
    }
    const origin = await originOf(tx, context, earlier, version);
    const key = idempotencyKey === undefined ? {} : { idempotencyKey };
    await queueRun(tx, run, origin, {
      startedBy: caller.name,
      requestId,
      rerunOfRunId: runId,
      filesOf: [runId],
      ...key,
    });
    const details = { rerunOfRunId: runId, flowVersion: origin.flowVersion };
    await audit(tx, context, { action: 'run.rerun', target: { kind: 'run', id: run.id }, details });
    return run.id;
  });
  placer.kick();
  dispatcher.kick();
  return { runId: runIdSchema.parse(startedId), url: runUrl(settings, startedId) };
};

const originOf = async (
  tx: Transaction,
  context: ServiceContext,
  { flowId, flowVersion, planHash, triggerId, triggerNodeId, triggerKind }: RunRow,
  version: Rerun['version'],
): Promise<RunOrigin> => {
  const flow = await getRunnableFlow(tx, context, flowId);
  const trigger = { id: triggerId, nodeId: triggerNodeId, kind: triggerKind };
  if (version === 'same') return { orgId: flow.orgId, flowId, flowVersion, planHash, trigger };
  const live = await getVersion(tx, flowId, flow.liveVersion);
  if (!live.graph.nodes.some(({ id, kind }) => id === triggerNodeId && kind === triggerKind)) {
    throw problem(
      'trigger_not_found',
      'The live version no longer has the trigger that this run began with. Run the same version again.',
    );
  }
  return { orgId: flow.orgId, flowId, flowVersion: flow.liveVersion, planHash: live.planHash, trigger };
};

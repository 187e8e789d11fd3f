import type { StartedRun } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { runIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { admitRun, limitReached, readWhenFull } from '../../limits/admit-run.ts';
import { problem } from '../../problems.ts';
import { runUrl } from '../../settings.ts';
import { audit } from '../audit.ts';
import { getFlow } from '../flows/find-flow.ts';
import { getVersion } from '../flows/versions.ts';
import { claimKey, hashRequest } from './claim-key.ts';
import { refuseMasked } from '../masking/refuse-masked.ts';
import { queueRun, refuseTooLarge, type RunOrigin, sealRun } from './queue-run.ts';

const { triggers } = tables;

export interface RunStart {
  readonly input?: Json | undefined;
  /** Two starts with one key are one run. */
  readonly idempotencyKey?: string | undefined;
}

/** Queues a run of the live version. The dispatcher takes it from there; the answer does not wait for Temporal. */
export const startRunOfFlow = async (
  context: ServiceContext,
  flowId: string,
  { input = null, idempotencyKey }: RunStart,
): Promise<StartedRun> => {
  const { db, caller, ring, requestId, settings, dispatcher, placer } = context;
  const body = {
    kind: 'trigger.manual',
    method: null,
    headers: {},
    query: {},
    body: input,
    receivedAt: new Date().toISOString(),
  };
  refuseTooLarge(body, 'The input');
  refuseMasked(input, 'input');
  const run = await sealRun(ring, caller.orgId, body);
  const requestHash = hashRequest([flowId, input]);

  const runId = await withOrg(db, caller.orgId, async (tx) => {
    if (idempotencyKey !== undefined) {
      const earlier = await claimKey(tx, caller.orgId, { key: idempotencyKey, requestHash, runId: run.id });
      if (earlier) return earlier;
    }
    const origin = await liveOrigin(tx, context, flowId);
    const key = idempotencyKey === undefined ? {} : { idempotencyKey };
    const admission = await admitRun(tx, origin.orgId, flowId, await readWhenFull(tx, origin.orgId, flowId));
    if (admission.place === 'none') throw limitReached(admission);
    const { place } = admission;
    await queueRun(tx, run, origin, { startedBy: caller.name, requestId, place, ...key });
    await audit(tx, context, { action: 'run.started', target: { kind: 'run', id: run.id }, details: { flowId } });
    return run.id;
  });
  placer.kick();
  dispatcher.kick();
  return { runId: runIdSchema.parse(runId), url: runUrl(settings, runId) };
};

/** The flow, if a person may start it now. */
export const getRunnableFlow = async (tx: Transaction, context: ServiceContext, flowId: string) => {
  const flow = await getFlow(tx, context, flowId);
  const { status, liveVersion } = flow;
  if (status === 'archived') throw problem('flow_archived', 'Restore and activate the flow before you run it.');
  if (liveVersion === null) throw problem('flow_not_published', 'Publish the flow before you run it.');
  if (status === 'inactive') throw problem('flow_inactive', 'Activate the flow before you run it.');
  return { ...flow, liveVersion };
};

/** Begins at the manual trigger; a flow without one begins at its first trigger, with the same data. */
const liveOrigin = async (tx: Transaction, context: ServiceContext, flowId: string): Promise<RunOrigin> => {
  const flow = await getRunnableFlow(tx, context, flowId);
  const { graph, planHash } = await getVersion(tx, flowId, flow.liveVersion);
  const entries = graph.nodes.filter(({ kind }) => kind.startsWith('trigger.'));
  const node = entries.find(({ kind }) => kind === 'trigger.manual') ?? entries[0];
  if (!node) throw new Error(`Version ${flow.liveVersion} of ${flowId} was published without a trigger.`);
  const [row] = await tx
    .select({ id: triggers.id })
    .from(triggers)
    .where(and(eq(triggers.flowId, flowId), eq(triggers.nodeId, node.id)));
  const trigger = { id: row?.id ?? null, nodeId: node.id, kind: node.kind };
  return { orgId: flow.orgId, flowId, flowVersion: flow.liveVersion, planHash, trigger };
};

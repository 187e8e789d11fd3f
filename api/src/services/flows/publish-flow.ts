import type { FlowVersionSummary } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { flowIdSchema } from '@everwave/schema/ids';
import { eq, max } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { storeSchedules } from '../schedules/store-schedules.ts';
import { requireVariables } from '../variables/require-variables.ts';
import { variableTypes } from '../variables/variable-types.ts';
import { compileDraft } from './compile-draft.ts';
import { connectionSummaries } from './connection-summaries.ts';
import { type FlowRow, getFlow } from './find-flow.ts';
import { findSubflows } from './find-subflows.ts';
import { prepareTriggers, storeTriggers, triggersOfFlow } from './prepare-triggers.ts';

const { flows, flowVersions, plans } = tables;

export interface Publication {
  /** Publishes only if the draft is still this revision. */
  readonly draftRevision?: number | undefined;
  readonly note?: string | undefined;
}

/**
 * Validates and compiles the draft, stores it as an immutable version and makes it live at once. The first publish also
 * turns the flow on; later ones leave the switch as it is. Everything is checked before anything is written.
 */
export const publishFlow = async (
  context: Pick<ServiceContext, 'db' | 'caller' | 'permission' | 'requestId' | 'ring' | 'nodeKinds'>,
  flowId: string,
  { draftRevision, note = '' }: Publication,
): Promise<FlowVersionSummary> => {
  const { db, caller, nodeKinds, ring } = context;
  const before = await withOrg(db, caller.orgId, async (tx) => {
    const drawn = await getFlow(tx, context, flowId);
    return {
      flow: drawn,
      subflows: await findSubflows(tx, context, drawn.draft),
      newest: await newestVersion(tx, flowId),
      connections: await connectionSummaries(tx, context),
      variables: await variableTypes(tx, context),
      triggers: await triggersOfFlow(tx, flowId),
    };
  });
  const { flow } = before;
  if (flow.status === 'archived') throw problem('flow_archived', 'Restore the flow before you publish it.');
  if (draftRevision !== undefined && draftRevision !== flow.draftRevision) throw draftChanged(flow);

  const version = before.newest + 1;
  const { plan, planHash } = compileDraft(flow, version, nodeKinds, before);
  const prepared = await prepareTriggers(ring, flow, flow.draft, before.triggers);

  return withOrg(db, caller.orgId, async (tx) => {
    const current = await getFlow(tx, context, flowId, 'lock');
    const raced = (await newestVersion(tx, flowId)) !== before.newest || current.status === 'archived';
    if (raced || current.draftRevision !== flow.draftRevision) throw draftChanged(current);

    const { orgId } = caller;
    await tx.insert(plans).values({ orgId, hash: planHash, plan }).onConflictDoNothing();
    await requireVariables(tx, context, planHash);
    const [stored] = await tx
      .insert(flowVersions)
      .values({ orgId, flowId, version, graph: flow.draft, planHash, note, publishedBy: caller.name })
      .returning();
    await storeTriggers(tx, flowId, prepared);
    await storeSchedules(tx, flow, flow.draft, prepared);
    const status = current.liveVersion === null ? 'active' : current.status;
    await tx.update(flows).set({ liveVersion: version, status, updatedAt: new Date() }).where(eq(flows.id, flowId));
    await audit(tx, context, {
      action: 'flow.published',
      target: { kind: 'flow', id: flowId, name: current.name },
      details: { version, planHash },
      before: { liveVersion: current.liveVersion, status: current.status },
      after: { liveVersion: version, status },
    });
    return {
      flowId: flowIdSchema.parse(flowId),
      version,
      planHash,
      note,
      publishedBy: caller.name,
      publishedAt: (stored?.publishedAt ?? new Date()).toISOString(),
      live: true,
    };
  });
};

const newestVersion = async (tx: Transaction, flowId: string): Promise<number> => {
  const [row] = await tx
    .select({ version: max(flowVersions.version) })
    .from(flowVersions)
    .where(eq(flowVersions.flowId, flowId));
  return row?.version ?? 0;
};

const draftChanged = ({ draftRevision }: FlowRow) =>
  problem('draft_changed', `The draft is at revision ${draftRevision} now. Look at it again, then publish.`, {
    errors: [{ path: 'draftRevision', message: `The draft is at revision ${draftRevision}.` }],
  });

import { isDeepStrictEqual } from 'node:util';
import type { FlowGraph } from '@everwave/schema/flow';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, desc, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { inThisSitting } from '../audit/in-this-sitting.ts';
import { getFlow } from './find-flow.ts';

export interface DraftChange {
  readonly draftRevision: number;
  readonly graph: FlowGraph;
}

/** Stores a drawing, valid or not yet. Refused when someone saved in the meantime: nothing is overwritten silently. */
export const saveDraft = async (
  context: ServiceContext,
  flowId: string,
  { draftRevision, graph }: DraftChange,
): Promise<void> => {
  await withOrg(context.db, context.caller.orgId, async (tx) => {
    const flow = await getFlow(tx, context, flowId, 'lock');
    if (flow.status === 'archived') throw problem('flow_archived', 'Restore the flow before you change it.');
    if (flow.draftRevision !== draftRevision) {
      throw problem(
        'draft_changed',
        `You changed revision ${draftRevision}, but the draft is at ${flow.draftRevision}. Load it again and repeat your change.`,
        { errors: [{ path: 'draftRevision', message: `The draft is at revision ${flow.draftRevision}.` }] },
      );
    }
    await tx
      .update(tables.flows)
      .set({ draft: graph, draftRevision: draftRevision + 1, updatedAt: new Date() })
      .where(eq(tables.flows.id, flowId));
    const settings = { before: { settings: flow.draft.settings }, after: { settings: graph.settings } };
    const hasSettingsChanged = !isDeepStrictEqual(settings.before, settings.after);
    if (!hasSettingsChanged && (await isAtIt(tx, context, flowId))) return;
    await audit(tx, context, {
      action: 'flow.draft_saved',
      target: { kind: 'flow', id: flowId, name: flow.name },
      details: { draftRevision: draftRevision + 1, nodes: graph.nodes.length },
      ...settings,
    });
  });
};

/** Whether this person has just saved the same draft: the builder saves whenever they pause. */
const isAtIt = async (tx: Transaction, { caller }: ServiceContext, flowId: string): Promise<boolean> => {
  const { auditEvents } = tables;
  const [latest] = await tx
    .select({ action: auditEvents.action, actorId: auditEvents.actorId })
    .from(auditEvents)
    .where(and(eq(auditEvents.orgId, caller.orgId), eq(auditEvents.targetId, flowId), inThisSitting))
    .orderBy(desc(auditEvents.number))
    .limit(1);
  return latest?.action === 'flow.draft_saved' && latest.actorId === caller.id;
};

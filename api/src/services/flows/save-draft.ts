import type { FlowGraph } from '@everwave/schema/flow';
import { tables, withOrg } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
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
    await audit(tx, context, {
      action: 'flow.draft_saved',
      target: { kind: 'flow', id: flowId, name: flow.name },
      details: { draftRevision: draftRevision + 1, nodes: graph.nodes.length },
      before: { settings: flow.draft.settings },
      after: { settings: graph.settings },
    });
  });
};

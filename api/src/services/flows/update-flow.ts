import { tables, withOrg } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { audit } from '../audit.ts';
import { getFlow } from './find-flow.ts';

export interface FlowChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** Changes what a flow is called and how it is found. The drawing stays. */
export const updateFlow = async (context: ServiceContext, flowId: string, change: FlowChange): Promise<void> => {
  await withOrg(context.db, context.caller.orgId, async (tx) => {
    const flow = await getFlow(tx, context, flowId, 'lock');
    const { name = flow.name, description = flow.description, tags = flow.tags } = change;
    await tx
      .update(tables.flows)
      .set({ name, description, tags: [...new Set(tags)], updatedAt: new Date() })
      .where(eq(tables.flows.id, flowId));
    await audit(tx, context, {
      action: 'flow.updated',
      target: { kind: 'flow', id: flowId, name },
      before: { name: flow.name, description: flow.description, tags: flow.tags },
      after: { name, description, tags: [...new Set(tags)] },
    });
  });
};

import { withOrg } from '@everwave/schema/db';
import type { FlowId } from '@everwave/schema/ids';
import type { ServiceContext } from '../../context.ts';
import { createFlow } from './create-flow.ts';
import { getFlow } from './find-flow.ts';

/** A new, switched-off flow with a copy of the draft. Its triggers get addresses of their own when it is published. */
export const duplicateFlow = async (
  context: ServiceContext,
  flowId: string,
  name: string | undefined,
): Promise<FlowId> => {
  const original = await withOrg(context.db, context.caller.orgId, (tx) => getFlow(tx, context, flowId));
  const { description, tags, draft } = original;
  const copy = { name: name ?? `${original.name} (copy)`.slice(0, 120), description, tags, graph: draft };
  return createFlow(context, copy, { from: 'flow', flowId });
};

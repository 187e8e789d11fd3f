import type { ValidateFlowReply } from '@everwave/schema/api';
import { type FlowGraph, validateFlow } from '@everwave/schema/flow';
import { withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { connectionSummaries } from './connection-summaries.ts';
import { variableTypes } from '../variables/variable-types.ts';
import { getFlow } from './find-flow.ts';
import { findSubflows } from './find-subflows.ts';

/** Everything wrong with a drawing: the given one, else the saved draft. Changes nothing. */
export const validateDraft = async (
  context: ServiceContext,
  flowId: string,
  given: FlowGraph | undefined,
): Promise<ValidateFlowReply> => {
  const { graph, connections, subflows, variables } = await withOrg(context.db, context.caller.orgId, async (tx) => {
    const flow = await getFlow(tx, context, flowId);
    const drawn = given ?? flow.draft;
    return {
      graph: drawn,
      connections: await connectionSummaries(tx, context),
      variables: await variableTypes(tx, context),
      subflows: await findSubflows(tx, context, drawn),
    };
  });
  const issues = validateFlow(graph, context.nodeKinds.connectors, { connections, subflows, variables, flowId });
  return { valid: issues.every(({ severity }) => severity !== 'error'), issues: [...issues] };
};

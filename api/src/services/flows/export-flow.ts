import { type FlowExport, toExport } from '@everwave/schema/flow';
import { withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { getFlow } from './find-flow.ts';
import { getVersion } from './versions.ts';

/** A flow as a file: no connections, no secrets, no ids of this org. Without a version, the draft. */
export const exportFlow = (context: ServiceContext, flowId: string, version: number | undefined): Promise<FlowExport> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { name, description, tags, draft } = await getFlow(tx, context, flowId);
    const graph = version === undefined ? draft : (await getVersion(tx, flowId, version)).graph;
    return toExport({ name, description, tags, graph });
  });

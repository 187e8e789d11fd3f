import { coreManifests, type FlowGraph, type Issue, validateFlow } from '@everwave/schema/flow';
import { readNodeKinds } from '../node-kinds.server.ts';

const core = new Set(coreManifests.map(({ kind }) => kind));

/** What is to be put right before a drawing can be published here. */
export const issuesOf = async (request: Request, graph: FlowGraph): Promise<readonly Issue[]> => {
  const manifests = await readNodeKinds(request);
  return validateFlow(
    graph,
    manifests.filter(({ kind }) => !core.has(kind)),
  );
};

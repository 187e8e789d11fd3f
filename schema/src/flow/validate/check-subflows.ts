import type { Issue } from '../issue.ts';
import {
  deepestSubflow,
  depthOf,
  flowsIn,
  mostSubflows,
  type Subflow,
  subflowIdOf,
  type Subflows,
} from '../subflows.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';

/** Flows that a drawing runs: there, published, not the drawing's own, neither nested too deep nor too large. */
export const checkSubflows = (
  { nodes }: GraphIndex,
  subflows: Subflows | undefined,
  flowId: string | undefined,
): readonly Issue[] => {
  if (!subflows) return [];
  let size = 0;
  return nodes.flatMap((placed): Issue[] => {
    const id = subflowIdOf(placed.node);
    if (id === null) return [];
    const subflow = subflows.get(id);
    size += subflow?.live ? JSON.stringify(subflow.live.plan).length : 0;
    const problem = problemOf(placed, subflow, flowId, size);
    if (!problem) return [];
    const [code, message] = problem;
    const path = `nodes[${placed.index}].input.flowId`;
    return [{ severity: 'error', code, message, path, nodeId: placed.node.id, field: 'flowId' }];
  });
};

const problemOf = (
  { node: { title, input } }: PlacedNode,
  subflow: Subflow | undefined,
  ownId: string | undefined,
  size: number,
): readonly [string, string] | null => {
  if (ownId !== undefined && input['flowId'] === ownId) {
    return ['subflow_of_itself', `${title} would run this flow inside itself, without end. Use a loop.`];
  }
  if (!subflow) return ['unknown_subflow', `The flow that ${title} is to run does not exist in this organisation.`];
  const { name, status, live } = subflow;
  if (status === 'archived') return ['subflow_archived', `${name}, which ${title} is to run, is archived. Restore it.`];
  if (!live)
    return ['subflow_not_published', `${name}, which ${title} is to run, was never published. Publish it first.`];
  if (ownId !== undefined && flowsIn(live.plan).has(ownId)) {
    return ['subflow_of_itself', `${name}, which ${title} is to run, runs this flow itself: that would never end.`];
  }
  if (depthOf(live.plan) > deepestSubflow) {
    const message = `${title} would run sub-flows in sub-flows, ${depthOf(live.plan)} deep; ${deepestSubflow} are possible.`;
    return ['subflows_too_deep', message];
  }
  if (size > mostSubflows) {
    const message = `With ${name}, which ${title} is to run, the flows inside this one have ${size} characters as JSON; ${mostSubflows} are possible. Run some of them from a flow that is started by its webhook.`;
    return ['subflows_too_large', message];
  }
  return null;
};

import type { NodeManifest } from '../node/manifest.ts';
import type { FlowGraph, GraphNode } from './graph.ts';
import { indexGraph } from './validate/graph-index.ts';

/** What a step may read: whatever can have run before it, and the frames it stands in. */
export interface Readable {
  /** In the order in which they run. */
  readonly steps: readonly GraphNode[];
  /** The innermost first. */
  readonly frames: readonly GraphNode[];
}

export const readableFrom = (graph: FlowGraph, manifests: readonly NodeManifest[], nodeId: string): Readable => {
  const { ancestors, framesAround, byId, order } = indexGraph(graph, manifests);
  const before = ancestors.get(nodeId) ?? new Set();
  const nodesOf = (ids: readonly string[]): readonly GraphNode[] =>
    ids.flatMap((id) => {
      const placed = byId.get(id);
      return placed ? [placed.node] : [];
    });
  return { steps: nodesOf(order.filter((id) => before.has(id))), frames: nodesOf(framesAround(nodeId)) };
};

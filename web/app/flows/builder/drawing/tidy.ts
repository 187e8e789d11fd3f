import type { FlowGraph } from '@everwave/schema/flow';
import { type CardSize, layoutGraph } from '../../canvas/layout-graph.ts';
import type { Place } from './edit.ts';
import { snap } from './grid.ts';

/** Where each card stands when the drawing arranges itself. */
export const tidy = (graph: FlowGraph, sizeOf: (id: string) => CardSize): ReadonlyMap<string, Place> => {
  const unplaced = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, position: { x: 0, y: 0 } })) };
  const { positions } = layoutGraph(unplaced, sizeOf);
  return new Map(
    graph.nodes.map(({ id, parent }) => {
      const spot = positions.get(id) ?? { x: 0, y: 0 };
      return [id, { ...snap(spot), parent }];
    }),
  );
};

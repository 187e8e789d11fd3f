import type { FlowGraph, FlowSettings, GraphEdge, GraphNode } from '@everwave/schema/flow';

/** Where a card stands: from the drawing's corner or, inside a frame, from the frame's. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly parent?: string | undefined;
}

/** What a form may change of a node. */
export type NodeChange = Partial<Pick<GraphNode, 'title' | 'input' | 'connectionId' | 'policy' | 'note'>>;

/** One thing a builder does to a drawing, and can undo. */
export type Edit =
  | { readonly type: 'add'; readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] }
  | { readonly type: 'place'; readonly places: ReadonlyMap<string, Place> }
  | { readonly type: 'remove'; readonly nodeIds: ReadonlySet<string>; readonly edgeIds: ReadonlySet<string> }
  | { readonly type: 'connect'; readonly edge: GraphEdge }
  | { readonly type: 'change'; readonly nodeId: string; readonly change: NodeChange }
  | { readonly type: 'configure'; readonly settings: Partial<FlowSettings> }
  /** Another drawing in the place of this one: a version that is restored, or what somebody else saved. */
  | { readonly type: 'replace'; readonly graph: FlowGraph };

/** Pure; the same drawing when nothing changes. */
export const applyEdit = (graph: FlowGraph, edit: Edit): FlowGraph => {
  switch (edit.type) {
    case 'add':
      return { ...graph, nodes: [...graph.nodes, ...edit.nodes], edges: [...graph.edges, ...edit.edges] };
    case 'place':
      return place(graph, edit.places);
    case 'remove':
      return remove(graph, edit.nodeIds, edit.edgeIds);
    case 'connect':
      return { ...graph, edges: [...graph.edges, edit.edge] };
    case 'change':
      return {
        ...graph,
        nodes: graph.nodes.map((node) => (node.id === edit.nodeId ? { ...node, ...edit.change } : node)),
      };
    case 'configure':
      return { ...graph, settings: { ...graph.settings, ...edit.settings } };
    case 'replace':
      return edit.graph;
  }
};

const place = (graph: FlowGraph, places: ReadonlyMap<string, Place>): FlowGraph => ({
  ...graph,
  nodes: graph.nodes.map((node) => {
    const found = places.get(node.id);
    if (!found) return node;
    const { parent: _, ...rest } = node;
    const { x, y, parent } = found;
    return { ...rest, position: { x, y }, ...(parent !== undefined && { parent: parent as GraphNode['id'] }) };
  }),
});

/** With a frame goes what it holds, and with a card every edge that touches it. */
const remove = (graph: FlowGraph, nodeIds: ReadonlySet<string>, edgeIds: ReadonlySet<string>): FlowGraph => {
  const gone = withInside(graph, nodeIds);
  const nodes = graph.nodes.filter(({ id }) => !gone.has(id));
  const edges = graph.edges.filter(({ id, from, to }) => !edgeIds.has(id) && !gone.has(from) && !gone.has(to));
  return nodes.length === graph.nodes.length && edges.length === graph.edges.length
    ? graph
    : { ...graph, nodes, edges };
};

/** These nodes, and all that stand in them. */
export const withInside = ({ nodes }: FlowGraph, ids: ReadonlySet<string>): ReadonlySet<string> => {
  const found = new Set(ids);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { id, parent } of nodes) if (parent !== undefined && found.has(parent)) found.add(id);
  }
  return found;
};

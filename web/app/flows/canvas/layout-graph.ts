import dagre from '@dagrejs/dagre';
import type { FlowGraph } from '@everwave/schema/flow';

export interface Placed {
  readonly x: number;
  readonly y: number;
}

export interface CardSize {
  readonly width: number;
  readonly height: number;
}

/** The way a drawing reads: handles stand at top and bottom, or left and right. */
export type Orientation = 'vertical' | 'horizontal';

export interface Layout {
  readonly orientation: Orientation;
  /** Upper left corner of each card. */
  readonly positions: ReadonlyMap<string, Placed>;
}

const gapBetweenRows = 44;
const gapInRow = 28;

const isUnplaced = (graph: FlowGraph): boolean =>
  graph.nodes.every(({ position }) => position.x === 0 && position.y === 0);

const autoLayout = (graph: FlowGraph, sizeOf: (id: string) => CardSize): Layout => {
  const drawing = new dagre.graphlib.Graph();
  drawing.setGraph({ rankdir: 'TB', ranksep: gapBetweenRows, nodesep: gapInRow });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) drawing.setNode(node.id, { ...sizeOf(node.id) });
  for (const edge of graph.edges) {
    if (drawing.hasNode(edge.from) && drawing.hasNode(edge.to)) drawing.setEdge(edge.from, edge.to);
  }
  dagre.layout(drawing);
  const positions = new Map<string, Placed>();
  for (const node of graph.nodes) {
    const { width, height } = sizeOf(node.id);
    const centre = drawing.node(node.id);
    positions.set(node.id, { x: (centre.x ?? 0) - width / 2, y: (centre.y ?? 0) - height / 2 });
  }
  return { orientation: 'vertical', positions };
};

const authoredPositions = (graph: FlowGraph): ReadonlyMap<string, Placed> =>
  new Map(graph.nodes.map((node) => [node.id as string, node.position]));

/** A drawing reads in the direction in which most of its edges run; one that nobody placed reads from top to bottom. */
export const orientationOf = (graph: FlowGraph): Orientation => {
  if (isUnplaced(graph)) return 'vertical';
  const positions = authoredPositions(graph);
  let balance = 0;
  for (const edge of graph.edges) {
    const from = positions.get(edge.from);
    const to = positions.get(edge.to);
    if (from && to) balance += Math.abs(to.x - from.x) > Math.abs(to.y - from.y) ? 1 : -1;
  }
  return balance > 0 ? 'horizontal' : 'vertical';
};

/** Keeps the author's placing; arranges the drawing itself only when nobody has placed anything. */
export const layoutGraph = (graph: FlowGraph, sizeOf: (id: string) => CardSize): Layout => {
  if (isUnplaced(graph)) return autoLayout(graph, sizeOf);
  return { orientation: orientationOf(graph), positions: authoredPositions(graph) };
};

import dagre from '@dagrejs/dagre';
import type { FlowGraph, GraphNode } from '@everwave/schema/flow';

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
  /** Upper left corner of each card; of one in a frame, from the frame's own corner. */
  readonly positions: ReadonlyMap<string, Placed>;
  /** Of each frame, with what it holds. Its card is its head. */
  readonly frames: ReadonlyMap<string, CardSize>;
}

/** How a drawing is laid out while somebody edits it. */
export interface EditedLayout {
  readonly orientation: Orientation;
  /** Ids of the nodes that can hold others. */
  readonly containers: ReadonlySet<string>;
}

type SizeOf = (id: string) => CardSize;

const gapBetweenRows = 44;
const gapInRow = 28;
/** Between a frame's border and what it holds. */
const padding = 18;

/** Cards that nobody placed stand on each other. */
export const isUnplaced = (graph: FlowGraph): boolean =>
  graph.nodes.every(({ position }) => position.x === 0 && position.y === 0);

/** Nodes by the frame they stand in; those of the flow itself under `undefined`. */
const nodesByFrame = ({ nodes }: FlowGraph): ReadonlyMap<string | undefined, readonly GraphNode[]> =>
  Map.groupBy(nodes, ({ parent }) => (nodes.some(({ id }) => id === parent) ? (parent as string) : undefined));

/** Around what a frame holds, below its head. */
const frameAround = (head: CardSize, boxes: readonly (Placed & CardSize)[]): CardSize => ({
  width: Math.max(head.width + 2 * padding, ...boxes.map(({ x, width }) => x + width + padding)),
  height: Math.max(head.height + 2 * padding, ...boxes.map(({ y, height }) => y + height + padding)),
});

const roomInside = 110;

const emptyFrame = ({ width, height }: CardSize): CardSize => ({
  width: width + 2 * padding,
  height: height + roomInside,
});

const arrange = (
  nodes: readonly GraphNode[],
  edges: FlowGraph['edges'],
  sizeOf: SizeOf,
): ReadonlyMap<string, Placed> => {
  const drawing = new dagre.graphlib.Graph();
  drawing.setGraph({ rankdir: 'TB', ranksep: gapBetweenRows, nodesep: gapInRow });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) drawing.setNode(id, { ...sizeOf(id) });
  for (const { from, to } of edges) if (drawing.hasNode(from) && drawing.hasNode(to)) drawing.setEdge(from, to);
  dagre.layout(drawing);
  return new Map(
    nodes.map(({ id }) => {
      const { width, height } = sizeOf(id);
      const centre = drawing.node(id);
      return [id as string, { x: (centre.x ?? 0) - width / 2, y: (centre.y ?? 0) - height / 2 }];
    }),
  );
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

/**
 * Keeps the author's placing; arranges the drawing itself only when nobody has placed anything. Frames fit what they
 * hold. While a drawing is edited every card stays where it stands, and a frame that is empty yet has room for a card.
 */
export const layoutGraph = (graph: FlowGraph, sizeOf: SizeOf, editing?: EditedLayout): Layout => {
  const byFrame = nodesByFrame(graph);
  const isArranged = editing === undefined && isUnplaced(graph);
  const authored = authoredPositions(graph);
  const positions = new Map<string, Placed>();
  const frames = new Map<string, CardSize>();
  const placedSizeOf: SizeOf = (id) => frames.get(id) ?? sizeOf(id);

  const placeIn = (frame: string | undefined): void => {
    const nodes = byFrame.get(frame) ?? [];
    // From the inside out: how much room a frame needs is known when what it holds has its place.
    for (const { id } of nodes) {
      if (byFrame.has(id)) placeIn(id);
      else if (editing?.containers.has(id)) frames.set(id, emptyFrame(sizeOf(id)));
    }
    const head = frame === undefined ? null : sizeOf(frame);
    const shift = head && isArranged ? { x: padding, y: head.height + padding } : { x: 0, y: 0 };
    const places = isArranged ? arrange(nodes, graph.edges, placedSizeOf) : authored;
    const boxes = nodes.map(({ id }) => {
      const { x, y } = places.get(id) ?? { x: 0, y: 0 };
      const placed = { x: x + shift.x, y: y + shift.y };
      positions.set(id, placed);
      return { ...placed, ...placedSizeOf(id) };
    });
    if (frame !== undefined && head) frames.set(frame, frameAround(head, boxes));
  };
  placeIn(undefined);
  return { orientation: editing?.orientation ?? (isArranged ? 'vertical' : orientationOf(graph)), positions, frames };
};

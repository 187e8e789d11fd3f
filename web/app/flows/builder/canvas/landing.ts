import type { FlowGraph } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import type { CardNode } from '../../canvas/to-react-flow.ts';
import { type Place, withInside } from '../drawing/edit.ts';
import { grid, snap, type Spot } from '../drawing/grid.ts';

interface Box extends Spot {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** Of its card, which is the frame's head. */
  readonly head: number;
}

/** Where a card stands on the drawing as a whole. */
const absolute = (nodes: ReadonlyMap<string, CardNode>, id: string): Spot & { readonly depth: number } => {
  const node = nodes.get(id);
  if (!node) return { x: 0, y: 0, depth: 0 };
  if (node.parentId === undefined) return { ...node.position, depth: 0 };
  const frame = absolute(nodes, node.parentId);
  return { x: frame.x + node.position.x, y: frame.y + node.position.y, depth: frame.depth + 1 };
};

/** The innermost frame at a point, but for those that are being moved. */
export const frameAt = (nodes: readonly CardNode[], point: Spot, moving: ReadonlySet<string>): Box | undefined => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const frames = nodes
    .filter(({ id, data }) => data.isContainer && !moving.has(id))
    .map((node): Box => {
      const { width = 0, height = 0 } = node;
      return { id: node.id, width, height, head: node.data.height, ...absolute(byId, node.id) };
    });
  return frames
    .filter(({ x, y, width, height }) => point.x >= x && point.y >= y && point.x <= x + width && point.y <= y + height)
    .toSorted((one, other) => other.depth - one.depth)[0];
};

/** Below the head of its frame, and not over its border. */
const inside = ({ x, y }: Spot, head: number): Spot =>
  snap({ x: Math.max(grid, x), y: Math.max(Math.ceil((head + grid / 2) / grid) * grid, y) });

/**
 * Where cards that were let go stand now: in the frame that is under their middle, or in none. What may not stand in a
 * frame stays outside of all. Empty when nothing has moved.
 */
export const landingOf = (
  graph: FlowGraph,
  manifests: ReadonlyMap<string, NodeManifest>,
  nodes: readonly CardNode[],
  moved: readonly CardNode[],
): ReadonlyMap<string, Place> => {
  const byId = new Map([...nodes, ...moved].map((node) => [node.id, node]));
  const moving = withInside(graph, new Set(moved.map(({ id }) => id)));
  const places = new Map<string, Place>();
  for (const card of moved) {
    const node = graph.nodes.find(({ id }) => id === card.id);
    // What a moved frame holds moves with it.
    if (!node || (node.parent !== undefined && moving.has(node.parent))) continue;
    const at = absolute(byId, card.id);
    const middle = { x: at.x + (card.width ?? 0) / 2, y: at.y + card.data.height / 2 };
    const mayStandInFrame = manifests.get(node.kind)?.category !== 'trigger' && node.kind !== 'control.return';
    const frame = mayStandInFrame ? frameAt(nodes, middle, moving) : undefined;
    const spot = frame ? inside({ x: at.x - frame.x, y: at.y - frame.y }, frame.head) : snap(at);
    const isSame = spot.x === node.position.x && spot.y === node.position.y && frame?.id === node.parent;
    if (!isSame) places.set(card.id, { ...spot, parent: frame?.id });
  }
  return places;
};

import type { NodeManifest } from '../../node/manifest.ts';
import { coreManifests } from '../core-nodes.ts';
import type { FlowGraph, GraphEdge, GraphNode } from '../graph.ts';
import { isCompensation } from '../compensation.ts';
import { withLiteralText } from '../literal-text.ts';

/** A node of the drawing with its place in it and, when its kind is known, its manifest. */
export interface PlacedNode {
  readonly node: GraphNode;
  readonly index: number;
  readonly manifest: NodeManifest | undefined;
}

export interface GraphIndex {
  readonly graph: FlowGraph;
  /** Every version of every kind, ours included. */
  readonly manifests: readonly NodeManifest[];
  /** In the order of the drawing, duplicates included. */
  readonly nodes: readonly PlacedNode[];
  /** By id; of two nodes with one id, the first. */
  readonly byId: ReadonlyMap<string, PlacedNode>;
  /** Edges whose two ends exist, without those that lead to undo steps. */
  readonly edges: readonly GraphEdge[];
  readonly outgoing: ReadonlyMap<string, readonly GraphEdge[]>;
  readonly incoming: ReadonlyMap<string, readonly GraphEdge[]>;
  /** The undo step of each step that names one. */
  readonly undoOf: ReadonlyMap<string, string>;
  /** Which step an undo step undoes. */
  readonly undoes: ReadonlyMap<string, string>;
  /** Ids in topological order, ties by id. Nodes on a cycle, and those behind one, are left out. */
  readonly order: readonly string[];
  /** Ids of the steps that can have run before each step: in its own frame, and before the frames around it. */
  readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>;
  /** Ids of the frames around a step, the innermost first. */
  readonly framesAround: (id: string) => readonly string[];
  /** Ids of the steps that stand directly in a frame. */
  readonly stepsIn: (frameId: string) => readonly string[];
}

const compareText = (left: string, right: string): number => {
  if (left === right) return 0;
  return left < right ? -1 : 1;
};

const groupBy = (edges: readonly GraphEdge[], end: 'from' | 'to'): Map<string, GraphEdge[]> => {
  const groups = new Map<string, GraphEdge[]>();
  for (const edge of edges) groups.set(edge[end], [...(groups.get(edge[end]) ?? []), edge]);
  return groups;
};

/** Kahn's algorithm; among the steps that could come next, the one with the smallest id does. */
const sortTopologically = (ids: readonly string[], edges: readonly GraphEdge[]): readonly string[] => {
  const waiting = new Map(ids.map((id) => [id, 0]));
  for (const { to } of edges) waiting.set(to, (waiting.get(to) ?? 0) + 1);
  const outgoing = groupBy(edges, 'from');
  const free = ids.filter((id) => waiting.get(id) === 0).toSorted(compareText);
  const order: string[] = [];
  for (let id = free.shift(); id !== undefined; id = free.shift()) {
    order.push(id);
    for (const { to } of outgoing.get(id) ?? []) {
      const left = (waiting.get(to) ?? 0) - 1;
      waiting.set(to, left);
      if (left > 0) continue;
      const place = free.findIndex((other) => compareText(to, other) < 0);
      free.splice(place === -1 ? free.length : place, 0, to);
    }
  }
  return order;
};

const findAncestors = (order: readonly string[], incoming: ReadonlyMap<string, readonly GraphEdge[]>) => {
  const ancestors = new Map<string, ReadonlySet<string>>();
  for (const id of order) {
    const before = new Set<string>();
    for (const { from } of incoming.get(id) ?? []) {
      before.add(from);
      for (const earlier of ancestors.get(from) ?? []) before.add(earlier);
    }
    ancestors.set(id, before);
  }
  return ancestors;
};

/** Everything that validation and compilation ask about a drawing, computed once. */
export const indexGraph = (graph: FlowGraph, connectorManifests: readonly NodeManifest[]): GraphIndex => {
  const manifests = [...coreManifests, ...connectorManifests];
  const byName = new Map(manifests.map((manifest) => [`${manifest.kind}@${manifest.version}`, manifest]));
  const nodes = graph.nodes.map((node, index) => {
    const manifest = byName.get(`${node.kind}@${node.version}`);
    return { node: withLiteralText(node, manifest), index, manifest };
  });
  const byId = new Map<string, PlacedNode>();
  for (const placed of nodes) if (!byId.has(placed.node.id)) byId.set(placed.node.id, placed);
  const drawn = graph.edges.filter(({ from, to }) => byId.has(from) && byId.has(to));
  const edges = drawn.filter((edge) => !isCompensation(edge));
  const undoing = drawn.filter(isCompensation);
  const incoming = groupBy(edges, 'to');
  const order = sortTopologically([...byId.keys()], drawn);
  const parentOf = (id: string) => byId.get(id)?.node.parent;
  const framesAround = (id: string): readonly string[] => {
    const around: string[] = [];
    for (let frame = parentOf(id); frame !== undefined && !around.includes(frame); frame = parentOf(frame)) {
      around.push(frame);
    }
    return around;
  };
  const stepsIn = (frameId: string): readonly string[] =>
    [...byId.values()].flatMap(({ node }) => (node.parent === frameId ? [node.id] : []));
  const inOwnFrame = findAncestors(order, groupBy(drawn, 'to'));
  // A finally runs when all else in its try has ended.
  for (const { node } of byId.values()) {
    if (node.kind !== 'control.finally' || node.parent === undefined) continue;
    inOwnFrame.set(node.id, new Set(stepsIn(node.parent).filter((id) => id !== node.id)));
  }
  const ancestors = new Map(
    [...inOwnFrame].map(([id, own]) => {
      const before = framesAround(id).flatMap((frame) => [...(inOwnFrame.get(frame) ?? [])]);
      return [id, new Set([...own, ...before])] as const;
    }),
  );
  return {
    graph,
    manifests,
    nodes,
    byId,
    edges,
    outgoing: groupBy(edges, 'from'),
    incoming,
    undoOf: new Map(undoing.map(({ from, to }) => [from, to])),
    undoes: new Map(undoing.map(({ from, to }) => [to, from])),
    order,
    ancestors,
    framesAround,
    stepsIn,
  };
};

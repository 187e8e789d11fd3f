import { type FlowGraph, type GraphEdge, type GraphNode, portsOf } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { grid, type Spot } from './grid.ts';

/** An id that no node of the drawing has: `send_mail`, `send_mail_2`. Ids stand in expressions, so they read well. */
export const newNodeId = (taken: ReadonlySet<string>, words: string): GraphNode['id'] => {
  const plain = words
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[^a-z]+|_+$/g, '')
    .slice(0, 34);
  const base = plain === '' || plain === 'root' ? 'step' : plain;
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}_${number}`;
  return id as GraphNode['id'];
};

export const newEdgeId = (taken: ReadonlySet<string>, { from, port, to }: Pick<GraphEdge, 'from' | 'port' | 'to'>) => {
  const base = `${from}-${port}-${to}`.slice(0, 100);
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}-${number}`;
  return id;
};

export const idsOf = (things: readonly { readonly id: string }[]): ReadonlySet<string> =>
  new Set(things.map(({ id }) => id));

const titleFor = ({ nodes }: FlowGraph, words: string): string => {
  const taken = new Set(nodes.map(({ title }) => title));
  let title = words;
  for (let number = 2; taken.has(title); number += 1) title = `${words} ${number}`;
  return title;
};

interface Where {
  /** Where it was dropped; below what it follows, or below everything, when it was not. */
  readonly spot?: Spot | undefined;
  readonly parent?: string | undefined;
  /** The step that it is to follow. */
  readonly after?: string | undefined;
}

/** A new step of a kind and, when it follows another, the edge that leads to it from that one's first free way out. */
export const newNode = (
  graph: FlowGraph,
  manifests: ReadonlyMap<string, NodeManifest>,
  manifest: NodeManifest,
  { spot, parent, after }: Where,
): { readonly node: GraphNode; readonly edges: readonly GraphEdge[] } => {
  const before = after === undefined ? undefined : graph.nodes.find(({ id }) => id === after);
  const isTrigger = manifest.category === 'trigger';
  const frame = isTrigger ? undefined : (parent ?? (spot ? undefined : before?.parent));
  const node: GraphNode = {
    id: newNodeId(idsOf(graph.nodes), manifest.title),
    kind: manifest.kind,
    version: manifest.version,
    title: titleFor(graph, manifest.title),
    input: {},
    connectionId: null,
    policy: {},
    position: spot ?? freeSpot(graph, before, frame),
    ...(frame !== undefined && { parent: frame as GraphNode['id'] }),
  };
  const port = before && !isTrigger && before.parent === node.parent ? freePort(graph, manifests, before) : null;
  if (!before || port === null || manifest.kind === 'control.finally') return { node, edges: [] };
  const edge = { from: before.id, port, to: node.id };
  return { node, edges: [{ id: newEdgeId(idsOf(graph.edges), edge), ...edge }] };
};

/** The first way out that leads nowhere yet, the one for failures apart. */
const freePort = (graph: FlowGraph, manifests: ReadonlyMap<string, NodeManifest>, node: GraphNode): string | null => {
  const manifest = manifests.get(node.kind);
  const ports = manifest ? portsOf(manifest, node.input).filter(({ id }) => id !== 'error') : [];
  const isFree = (port: string) => !graph.edges.some((edge) => edge.from === node.id && edge.port === port);
  return ports.find(({ id }) => isFree(id))?.id ?? ports[0]?.id ?? null;
};

const rowHeight = grid * 6;
const columnWidth = grid * 12;

const freeSpot = ({ nodes }: FlowGraph, before: GraphNode | undefined, frame: string | undefined): Spot => {
  const beside = nodes.filter(({ parent }) => parent === frame);
  const lowest = Math.max(-rowHeight, ...beside.map(({ position }) => position.y));
  const [first] = beside;
  let spot =
    before && before.parent === frame
      ? { x: before.position.x, y: before.position.y + rowHeight }
      : { x: first?.position.x ?? grid, y: beside.length === 0 ? grid * 5 : lowest + rowHeight };
  const isTaken = ({ x, y }: Spot) =>
    beside.some(({ position }) => Math.abs(position.x - x) < columnWidth && Math.abs(position.y - y) < grid * 4);
  while (isTaken(spot)) spot = { x: spot.x + columnWidth, y: spot.y };
  return spot;
};

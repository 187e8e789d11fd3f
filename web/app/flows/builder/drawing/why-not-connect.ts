import { compensationPort, type FlowGraph, type GraphEdge, type GraphNode, portsOf } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';

/** An edge that somebody is about to draw. */
export type Drawn = Pick<GraphEdge, 'from' | 'port' | 'to'>;

export type Manifests = ReadonlyMap<string, NodeManifest>;

/** Why this edge cannot be, in a sentence; null when it can. The same rules as the api's, asked before the line is let go. */
export const whyNotConnect = (graph: FlowGraph, manifests: Manifests, { from, port, to }: Drawn): string | null => {
  const source = graph.nodes.find(({ id }) => id === from);
  const target = graph.nodes.find(({ id }) => id === to);
  if (!source || !target) return 'One of the two steps is gone.';
  if (from === to) return `${source.title} cannot lead to itself.`;
  if (manifests.get(target.kind)?.category === 'trigger') {
    return `${target.title} starts runs; nothing can lead into it.`;
  }
  if (target.kind === 'control.finally') return `${target.title} begins by itself when the try ends.`;
  if (source.parent !== target.parent) return whyNotAcross(graph, source, target);
  const manifest = manifests.get(source.kind);
  if (port !== compensationPort && manifest && !portsOf(manifest, source.input).some(({ id }) => id === port)) {
    return `${source.title} has no way out called ${port}.`;
  }
  if (graph.edges.some((edge) => edge.from === from && edge.to === to && edge.port === port)) {
    return `${source.title} leads to ${target.title} already.`;
  }
  if (port === compensationPort && graph.edges.some((edge) => edge.from === from && edge.port === port)) {
    return `${source.title} has a step that undoes it already.`;
  }
  if (leadsTo(graph, to, from)) return `${target.title} comes before ${source.title}: that would be a circle.`;
  return null;
};

const whyNotAcross = (graph: FlowGraph, source: GraphNode, target: GraphNode): string => {
  const frame = graph.nodes.find(({ id }) => id === (target.parent ?? source.parent));
  const name = frame?.title ?? 'a frame';
  return `${source.title} and ${target.title} do not stand in the same frame. Lead the edge to or from ${name} itself.`;
};

const leadsTo = ({ edges }: FlowGraph, start: string, goal: string): boolean => {
  const seen = new Set<string>();
  const pending = [start];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (id === goal) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    for (const edge of edges) if (edge.from === id) pending.push(edge.to);
  }
  return false;
};

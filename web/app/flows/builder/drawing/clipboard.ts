import { flowGraphSchema, type FlowGraph, type GraphNode, type Json } from '@everwave/schema/flow';
import * as z from 'zod';
import { withInside } from './edit.ts';
import { grid } from './grid.ts';
import { idsOf, newEdgeId, newNodeId } from './new-node.ts';

const clipSchema = z.object({
  format: z.literal('everwave.steps'),
  nodes: flowGraphSchema.shape.nodes,
  edges: flowGraphSchema.shape.edges,
});

export type Clip = z.infer<typeof clipSchema>;

/** Steps, what stands in them, and the edges among them: text that another flow, or another window, can take. */
export const copySteps = (graph: FlowGraph, selected: ReadonlySet<string>): string | null => {
  const ids = withInside(graph, selected);
  if (ids.size === 0) return null;
  const nodes = graph.nodes.filter(({ id }) => ids.has(id));
  const edges = graph.edges.filter(({ from, to }) => ids.has(from) && ids.has(to));
  return JSON.stringify({ format: 'everwave.steps', nodes, edges } satisfies Clip);
};

/** Null for any other text. */
export const readSteps = (text: string): Clip | null => {
  try {
    const parsed = clipSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
};

/**
 * The same steps under ids that the drawing does not have yet; their expressions follow. Connections come along: in
 * another organisation the check of the drawing says that they are not there.
 */
export const pasteSteps = (graph: FlowGraph, clip: Clip): Pick<FlowGraph, 'nodes' | 'edges'> => {
  const taken = new Set(idsOf(graph.nodes));
  const renamed = new Map<string, GraphNode['id']>();
  for (const { id } of clip.nodes) {
    const next = newNodeId(taken, id.replace(/_\d+$/, ''));
    renamed.set(id, next);
    taken.add(next);
  }
  const nodes = clip.nodes.map((node) => pasted(graph, node, renamed));
  const edgeIds = new Set(idsOf(graph.edges));
  const edges = clip.edges.flatMap((edge) => {
    const [from, to] = [renamed.get(edge.from), renamed.get(edge.to)];
    if (!from || !to) return [];
    const next = { from, port: edge.port, to };
    const id = newEdgeId(edgeIds, next);
    edgeIds.add(id);
    return [{ id, ...next }];
  });
  return { nodes, edges };
};

const pasted = (graph: FlowGraph, node: GraphNode, renamed: ReadonlyMap<string, GraphNode['id']>): GraphNode => {
  const { parent, ...rest } = node;
  const inside = parent === undefined ? undefined : renamed.get(parent);
  // What stood in a frame that was not copied stands in it again, when this drawing has it.
  const frame = inside ?? (graph.nodes.some(({ id }) => id === parent) ? parent : undefined);
  const shift = inside ? 0 : grid * 2;
  return {
    ...rest,
    id: renamed.get(node.id) ?? node.id,
    input: Object.fromEntries(Object.entries(node.input).map(([name, value]) => [name, renameIn(value, renamed)])),
    position: { x: node.position.x + shift, y: node.position.y + shift },
    ...(frame !== undefined && { parent: frame }),
  };
};

/** `{{ steps.old.output }}` reads the copy of `old` where that was copied too. */
const renameIn = (value: Json, renamed: ReadonlyMap<string, string>): Json => {
  if (typeof value === 'string') {
    return value.replaceAll(/\{\{[\s\S]*?\}\}/g, (segment) =>
      segment.replaceAll(/\bsteps\.([a-zA-Z_][a-zA-Z0-9_]*)/g, (whole, id: string) =>
        renamed.has(id) ? `steps.${renamed.get(id)}` : whole,
      ),
    );
  }
  if (Array.isArray(value)) return value.map((item) => renameIn(item, renamed));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, renameIn(member, renamed)]));
};

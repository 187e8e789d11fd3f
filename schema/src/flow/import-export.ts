import * as z from 'zod';
import { flowGraphSchema, type FlowGraph } from './graph.ts';
import { toField } from './validate/to-field.ts';

/** A flow as a file that travels between orgs: no ids of connections, no secrets. */
export interface FlowExport {
  readonly format: 'everwave.flow';
  readonly formatVersion: 1;
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly graph: FlowGraph;
}

/** What a file says of a flow, and an org keeps of it. */
export type PortableFlow = Omit<FlowExport, 'format' | 'formatVersion'>;

export type Imported =
  | { readonly ok: true; readonly flow: PortableFlow }
  | { readonly ok: false; readonly problems: readonly { readonly path: string; readonly message: string }[] };

const fileSchema = z.strictObject({
  format: z.literal('everwave.flow'),
  formatVersion: z.literal(1),
  name: z.string().min(1).max(120),
  description: z.string().max(2_000).optional(),
  tags: z.array(z.string().min(1).max(40)).max(20).optional(),
  graph: flowGraphSchema,
});

/** Connections belong to an org: whoever imports the flow chooses their own. */
const withoutConnections = (graph: FlowGraph): FlowGraph => ({
  ...graph,
  nodes: graph.nodes.map((node) => ({ ...node, connectionId: null })),
});

/** Writes a flow as a file. What `fromExport` reads of it gives the same file again, byte for byte. */
export const toExport = ({ name, description, tags, graph }: PortableFlow): FlowExport => ({
  format: 'everwave.flow',
  formatVersion: 1,
  name,
  ...(description !== undefined && { description }),
  ...(tags !== undefined && { tags: [...tags] }),
  // Parsed, so that keys stand in one order and defaults are written out.
  graph: flowGraphSchema.parse(withoutConnections(graph)),
});

/** Reads what `toExport` wrote. Anything else is refused with the place of each problem. */
export const fromExport = (json: unknown): Imported => {
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({
      path: toField(path.map((key) => (typeof key === 'number' ? key : String(key)))),
      message,
    }));
    return { ok: false, problems };
  }
  const { name, description, tags, graph } = parsed.data;
  return {
    ok: true,
    flow: {
      name,
      ...(description !== undefined && { description }),
      ...(tags !== undefined && { tags }),
      graph: withoutConnections(graph),
    },
  };
};

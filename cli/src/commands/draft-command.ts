import { type Flow, flowSchema, validateFlowReplySchema } from '@everwave/schema/api';
import * as z from 'zod';
import type { Client } from '../client.ts';
import { type Command, positional, UsageError } from '../command.ts';
import { readDocument } from '../read-document.ts';

const text = { type: 'string' } as const;

/** What a file has to say of a flow; the api checks the rest, with the place of each problem. */
const documentSchema = z.looseObject({ graph: z.looseObject({ nodes: z.array(z.looseObject({ id: z.string() })) }) });

export const flowDraft: Command = {
  usage: 'flow draft <file> [--flow <flowId>]',
  summary:
    'Makes a flow from a JSON or YAML document, or saves it as the draft of one, and says what is wrong with it.',
  options: { flow: text },
  async run({ client, positionals, options, print }) {
    const file = positional(positionals, 0, 'file');
    const parsed = documentSchema.safeParse(await readDocument(file));
    if (!parsed.success) throw new UsageError(`${file} is no flow: it has no graph with nodes.`);
    const document = { format: 'everwave.flow', formatVersion: 1, ...parsed.data };
    const flow =
      typeof options['flow'] === 'string'
        ? await saveDraft(client, options['flow'], parsed.data.graph)
        : await client.post('/v1/flows/import', document, flowSchema);
    print(`${flow.id}  ${flow.name}, draft ${flow.draftRevision}`);
    const { issues } = await client.post(`/v1/flows/${flow.id}/validate`, {}, validateFlowReplySchema);
    for (const { severity, path, message } of issues) print(`  ${severity} ${path}: ${message}`);
    print(issues.some(({ severity }) => severity === 'error') ? 'Not ready to publish.' : 'Ready to publish.');
  },
};

/** A document names no connections: nodes keep those that the draft had for them. */
export const saveDraft = async (
  client: Client,
  flowId: string,
  graph: z.infer<typeof documentSchema>['graph'],
): Promise<Flow> => {
  const path = `/v1/flows/${encodeURIComponent(flowId)}`;
  const { draftRevision, graph: before } = await client.get(path, flowSchema);
  const nodes = graph.nodes.map((node) => ({
    connectionId: before.nodes.find(({ id }) => id === node.id)?.connectionId ?? null,
    ...node,
  }));
  return client.put(`${path}/draft`, { draftRevision, graph: { ...graph, nodes } }, flowSchema);
};

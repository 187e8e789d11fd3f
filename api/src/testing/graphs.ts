import { type FlowGraph, type FlowGraphInput, flowGraphSchema } from '@everwave/schema/flow';

export type GraphNodeInput = FlowGraphInput['nodes'][number];

const node = (id: string, kind: string, rest: Partial<GraphNodeInput> = {}): GraphNodeInput => ({
  id: id as GraphNodeInput['id'],
  kind,
  title: id,
  ...rest,
});

/** A webhook, one read and an end: valid without any connection. */
export const webhookFlow = (webhook: Partial<GraphNodeInput> = {}): FlowGraph =>
  aGraph(
    [
      node('hook', 'trigger.webhook', webhook),
      node('fetch', 'example.read', { input: { key: '{{ trigger.body.key }}' } }),
      node('done', 'control.return', { input: { output: '{{ steps.fetch.output.value }}' } }),
    ],
    [
      ['hook', 'fetch'],
      ['fetch', 'done'],
    ],
  );

/** Started by hand or by API; sends with a connection. */
export const manualFlow = (connectionId: string | null): FlowGraph =>
  aGraph(
    [
      node('start', 'trigger.manual'),
      node('send', 'example.send', { input: { text: 'Hello {{ trigger.body.name }}' }, connectionId }),
    ],
    [['start', 'send']],
  );

/** Started at times. */
export const scheduleFlow = (input: GraphNodeInput['input'] = { cron: '0 3 * * *' }): FlowGraph =>
  aGraph(
    [node('clock', 'trigger.schedule', { input }), node('fetch', 'example.read', { input: { key: 'a' } })],
    [['clock', 'fetch']],
  );

export const aGraph = (
  nodes: readonly GraphNodeInput[],
  edges: readonly (readonly [from: string, to: string])[],
): FlowGraph => flowGraphSchema.parse({ nodes, edges: edges.map(([from, to]) => ({ id: `${from}-${to}`, from, to })) });

export { node as aNode };

import { manifests } from '@everwave/activities/definitions';
import { compileFlow, flowGraphSchema, type FlowGraphInput, type Plan } from '@everwave/schema/flow';

export interface ConnectionIds {
  readonly http: string;
  readonly slack: string;
}

/** What a run of the order flow begins with. */
export const anOrder = { orderId: 'A-1042', customerId: 'c_7', total: 129.9 } as const;

export interface Drawing {
  readonly trigger?: 'trigger.manual' | 'trigger.webhook';
  readonly lane?: 'durable' | 'express';
}

type Node = FlowGraphInput['nodes'][number];

const inARow = (nodes: readonly Node[], lane: Drawing['lane'] = 'durable'): FlowGraphInput => ({
  nodes: [...nodes],
  edges: nodes.slice(1).map((node, index) => {
    const from = nodes[index]?.id ?? '';
    return { id: `${from}-${node.id}`, from, to: node.id };
  }),
  settings: { lane },
});

/** Five actions as people draw them: read, shape, check, word, tell; the last one changes the world and has a ledger entry. */
export const orderGraph = (
  connections: ConnectionIds,
  { trigger = 'trigger.manual', lane }: Drawing = {},
): FlowGraphInput =>
  inARow(
    [
      { id: 'order', kind: trigger, title: 'Order' },
      {
        id: 'customer',
        kind: 'http.request',
        title: 'Customer',
        connectionId: connections.http,
        input: { method: 'GET', url: '/customers/{{ trigger.body.customerId }}' },
      },
      {
        id: 'shape',
        kind: 'data.transform',
        title: 'Shape',
        input: {
          fields: {
            orderId: '{{ trigger.body.orderId }}',
            name: '{{ steps.customer.output.body.name }}',
            tier: '{{ steps.customer.output.body.tier }}',
            total: '{{ trigger.body.total }}',
          },
        },
      },
      {
        id: 'check',
        kind: 'data.validate',
        title: 'Check',
        input: {
          records: ['{{ steps.shape.output.value }}'],
          rules: [{ field: 'total', check: 'minimum', value: 1 }],
        },
      },
      {
        id: 'words',
        kind: 'data.transform',
        title: 'Words',
        input: {
          fields: {
            text: '{{ steps.check.output.valid[0].orderId }}: {{ steps.check.output.valid[0].name }} ({{ steps.check.output.valid[0].tier }}) ordered for {{ steps.check.output.valid[0].total }}',
          },
        },
      },
      {
        id: 'notify',
        kind: 'slack.postMessage',
        title: 'Notify',
        connectionId: connections.slack,
        input: { channel: 'C0000ORDERS', text: '{{ steps.words.output.value.text }}' },
      },
      {
        id: 'done',
        kind: 'control.return',
        title: 'Done',
        input: { output: '{{ steps.notify.output.ts }}' },
      },
    ],
    lane,
  );

/** Actions that count, one after the other: each reads what the one before it gave. */
export const chainGraph = (actions: number, { trigger = 'trigger.manual', lane }: Drawing = {}): FlowGraphInput => {
  const steps = Array.from({ length: actions }, (_, index): Node => {
    const before = index === 0 ? 'trigger.body.count' : `steps.step_${index}.output.value.count`;
    return {
      id: `step_${index + 1}`,
      kind: 'data.transform',
      title: `Step ${index + 1}`,
      input: { fields: { count: `{{ ${before} + 1 }}` } },
    };
  });
  const last: Node = {
    id: 'done',
    kind: 'control.return',
    title: 'Done',
    input: { output: actions === 0 ? '{{ trigger.body.count }}' : `{{ steps.step_${actions}.output.value.count }}` },
  };
  return inARow([{ id: 'begin', kind: trigger, title: 'Begin' }, ...steps, last], lane);
};

/** One step that waits for as long as it is told. */
export const waitingGraph = (duration: `${number}${'s' | 'm' | 'h'}`): FlowGraphInput =>
  inARow([
    { id: 'begin', kind: 'trigger.manual', title: 'Begin' },
    { id: 'pause', kind: 'control.delay', title: 'Pause', input: { duration } },
    { id: 'done', kind: 'control.return', title: 'Done', input: { output: 'awake' } },
  ]);

/** One effect for each item of a list: a message to Slack. */
export const loopGraph = (connections: ConnectionIds, lane: 'durable' | 'express'): FlowGraphInput => ({
  nodes: [
    { id: 'begin', kind: 'trigger.manual', title: 'Begin' },
    {
      id: 'each',
      kind: 'control.forEach',
      title: 'Each item',
      input: { items: '{{ trigger.body.items }}', concurrency: 100, result: 0 },
    },
    {
      id: 'notify',
      kind: 'slack.postMessage',
      title: 'Notify',
      parent: 'each',
      connectionId: connections.slack,
      input: { channel: 'C0000ORDERS', text: 'Item {{ loop.index }} of {{ loop.count }}' },
    },
    { id: 'done', kind: 'control.return', title: 'Done', input: { output: '{{ steps.each.output.count }}' } },
  ],
  edges: [
    { id: 'begin-each', from: 'begin', to: 'each' },
    { id: 'each-done', from: 'each', to: 'done' },
  ],
  settings: { lane },
});

/** A file that comes from a service and goes to it again, in a form. */
export const largeFileGraph = (address: string, bytes: number): FlowGraphInput =>
  inARow([
    { id: 'begin', kind: 'trigger.manual', title: 'Begin' },
    {
      id: 'fetch',
      kind: 'http.request',
      title: 'Fetch',
      policy: { maximumAttempts: 1 },
      input: { url: `${address}/file/${bytes}`, responseType: 'file', timeoutSeconds: 110 },
    },
    {
      id: 'send',
      kind: 'http.request',
      title: 'Send',
      input: {
        method: 'PUT',
        url: `${address}/form`,
        bodyType: 'multipart',
        body: { note: 'large', file: '{{ steps.fetch.output.file }}' },
        timeoutSeconds: 110,
      },
    },
  ]);

/** A value that comes from a service and goes to it again, as JSON. */
export const largeValueGraph = (address: string, bytes: number): FlowGraphInput =>
  inARow([
    { id: 'begin', kind: 'trigger.manual', title: 'Begin' },
    { id: 'fetch', kind: 'http.request', title: 'Fetch', input: { url: `${address}/value/${bytes}` } },
    {
      id: 'send',
      kind: 'http.request',
      title: 'Send',
      input: { method: 'PUT', url: `${address}/value`, body: '{{ steps.fetch.output.body }}', timeoutSeconds: 110 },
    },
  ]);

/** As `publish` does. Throws the issues of a drawing that is wrong. */
export const compileGraph = (
  flowId: string,
  title: string,
  graph: FlowGraphInput,
  connections?: ConnectionIds,
): Plan => {
  const compiled = compileFlow({
    flowId,
    flowVersion: 1,
    title,
    graph: flowGraphSchema.parse(graph),
    manifests: manifests().nodes,
    ...(connections && {
      connections: [
        { id: connections.http, kind: 'http.authentication', name: 'HTTP' },
        { id: connections.slack, kind: 'slack.bot', name: 'Slack' },
      ],
    }),
  });
  if (!compiled.ok) throw new Error(`The flow "${title}" cannot be published: ${JSON.stringify(compiled.issues)}`);
  return compiled.plan;
};

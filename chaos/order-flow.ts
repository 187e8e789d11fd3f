import { setTimeout as sleep } from 'node:timers/promises';
import { connectionSchema, flowSchema, flowVersionSummarySchema, startedRunSchema } from '@everwave/schema/api';
import type { OutsideWorld } from './outside-world.ts';
import type { LiveProduct } from './product.ts';

type ConnectionIds = { readonly [Name in 'mail' | 'slack' | 'http']: string };

/** Webhook → fetch → delay → e-mail and Slack message in parallel → merge → return. The delay is the test's time to strike. */
const orderGraph = (connections: ConnectionIds, delay: `${number}s`): unknown => {
  const node = (id: string, kind: string, input: object, connectionId: string | null = null) => ({
    id,
    kind,
    title: id,
    input,
    connectionId,
  });
  const edge = (from: string, to: string) => ({ id: `${from}-${to}`, from, to });
  return {
    nodes: [
      node('order', 'trigger.webhook', {}),
      node(
        'customer',
        'http.request',
        { method: 'GET', url: '/customers/{{ trigger.body.customerId }}' },
        connections.http,
      ),
      node('pause', 'control.delay', { duration: delay }),
      node('both', 'control.parallel', {}),
      node(
        'email',
        'email.send',
        {
          to: '{{ steps.customer.output.body.email }}',
          subject: 'Order {{ trigger.body.orderId }}',
          text: 'It is on its way.',
        },
        connections.mail,
      ),
      node(
        'slack',
        'slack.postMessage',
        { channel: '#orders', text: 'Order {{ trigger.body.orderId }}' },
        connections.slack,
      ),
      node('join', 'control.merge', {}),
      node('done', 'control.return', { output: '{{ trigger.body.orderId }}' }),
    ],
    edges: [
      edge('order', 'customer'),
      edge('customer', 'pause'),
      edge('pause', 'both'),
      edge('both', 'email'),
      edge('both', 'slack'),
      edge('email', 'join'),
      edge('slack', 'join'),
      edge('join', 'done'),
    ],
  };
};

export interface OrderFlow {
  readonly flowId: string;
  /** The webhook's address. */
  readonly hook: string;
  /** Delivers an order as a webhook. The sender repeats it until it gets a 2xx, under the same delivery id. */
  deliver(orderId: string, more?: object): Promise<{ readonly runId: string }>;
}

export const publishOrderFlow = async (
  product: Pick<LiveProduct, 'call'>,
  world: OutsideWorld,
  delay: `${number}s`,
  /** Tells several such flows of one product apart. */
  name = 'Orders',
): Promise<OrderFlow> => {
  const connect = async (kind: keyof OutsideWorld['connections']) => {
    const connection = world.connections[kind];
    const named = { ...connection, name: `${connection.name} of ${name}` };
    return (await product.call('POST', '/v1/connections', named, connectionSchema)).id;
  };
  const connections = { mail: await connect('mail'), slack: await connect('slack'), http: await connect('http') };
  const graph = orderGraph(connections, delay);
  const { id } = await product.call('POST', '/v1/flows', { name, graph }, flowSchema);
  await product.call('POST', `/v1/flows/${id}/publish`, {}, flowVersionSummarySchema);
  const { triggers } = await product.call('GET', `/v1/flows/${id}`, undefined, flowSchema);
  const hook = triggers[0]?.url;
  if (!hook) throw new Error('The published flow has no webhook.');

  return {
    flowId: id,
    hook,
    deliver: async (orderId, more = {}) => {
      for (let tries = 0; tries < 600; tries += 1) {
        const response = await fetch(hook, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'webhook-id': `delivery-${orderId}` },
          body: JSON.stringify({ orderId, customerId: 'c_7', ...more }),
        }).catch(() => null);
        if (response?.ok) return startedRunSchema.parse(await response.json());
        await sleep(200);
      }
      throw new Error(`The webhook of order ${orderId} never answered with a 2xx.`);
    },
  };
};

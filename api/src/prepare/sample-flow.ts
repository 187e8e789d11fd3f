import { type FlowGraph, flowGraphSchema } from '@everwave/schema/flow';

export const sampleFlowName = 'Thank good customers';
export const sampleFlowDescription =
  'A webhook brings an order. Gold customers, and orders above 100, get an e-mail, and the team reads about it in Slack.';
export const sampleTags = ['sample'];

export const sampleWebhookNode = 'order';

/** A delivery for the sample flow. `c_7` is a gold customer of the demo's API. */
export const sampleDelivery = { orderId: 'A-1042', customerId: 'c_7', total: 129.9 };

export interface SampleConnections {
  readonly http: string;
  readonly email: string;
  readonly slack: string;
}

/** Webhook → fetch the customer → condition → e-mail and Slack message in parallel → merge → done. The canvas arranges it. */
export const sampleGraph = (connections: SampleConnections): FlowGraph =>
  flowGraphSchema.parse({
    nodes: [
      { id: sampleWebhookNode, kind: 'trigger.webhook', title: 'Order arrives' },
      {
        id: 'customer',
        kind: 'http.request',
        title: 'Fetch the customer',
        connectionId: connections.http,
        input: { method: 'GET', url: '/customers/{{ trigger.body.customerId }}' },
      },
      {
        id: 'good',
        kind: 'control.condition',
        title: 'Gold, or more than 100?',
        input: {
          condition: {
            any: [
              { left: '{{ steps.customer.output.body.tier }}', operator: 'equals', right: 'gold' },
              { left: '{{ trigger.body.total }}', operator: 'greaterThan', right: 100 },
            ],
          },
        },
      },
      { id: 'tell', kind: 'control.parallel', title: 'Tell both' },
      {
        id: 'email',
        kind: 'email.send',
        title: 'Thank the customer',
        connectionId: connections.email,
        input: {
          to: '{{ steps.customer.output.body.email }}',
          subject: 'Thank you for order {{ trigger.body.orderId }}',
          text: 'Dear {{ steps.customer.output.body.name }},\n\nyour order {{ trigger.body.orderId }} is on its way.',
        },
      },
      {
        id: 'slack',
        kind: 'slack.postMessage',
        title: 'Tell the team',
        connectionId: connections.slack,
        input: {
          channel: '#orders',
          text: 'Order {{ trigger.body.orderId }} of {{ steps.customer.output.body.name }}: {{ trigger.body.total }}',
        },
      },
      { id: 'both', kind: 'control.merge', title: 'Both told' },
      {
        id: 'done',
        kind: 'control.return',
        title: 'Done',
        input: {
          output: {
            thanked: '{{ steps.customer.output.body.email }}',
            messageId: '{{ steps.email.output.messageId }}',
          },
        },
      },
      {
        id: 'quiet',
        kind: 'control.return',
        title: 'Nothing to do',
        input: { output: { thanked: null } },
      },
    ],
    edges: [
      { id: 'e1', from: 'order', to: 'customer' },
      { id: 'e2', from: 'customer', to: 'good' },
      { id: 'e3', from: 'good', port: 'true', to: 'tell' },
      { id: 'e4', from: 'good', port: 'false', to: 'quiet' },
      { id: 'e5', from: 'tell', to: 'email' },
      { id: 'e6', from: 'tell', to: 'slack' },
      { id: 'e7', from: 'email', to: 'both' },
      { id: 'e8', from: 'slack', to: 'both' },
      { id: 'e9', from: 'both', to: 'done' },
    ],
  });

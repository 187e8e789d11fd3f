import { type FlowGraph, type FlowGraphInput, flowGraphSchema } from '@everwave/schema/flow';

const graph = (input: { readonly nodes: unknown; readonly edges: unknown }): FlowGraph =>
  flowGraphSchema.parse(input satisfies object as FlowGraphInput);

const edge = (from: string, to: string, port = 'out') => ({ id: `${from}.${port}-${to}`, from, to, port });

/** A web shop's order: look the customer up, and tell people about the large ones. */
export const newOrder = graph({
  nodes: [
    { id: 'order', kind: 'trigger.webhook', title: 'Order placed', input: { signature: 'none' } },
    {
      id: 'customer',
      kind: 'http.request',
      title: 'Look up the customer',
      input: { method: 'GET', url: 'https://crm.hartwell.coffee/customers/{{ trigger.body.customerId }}' },
    },
    {
      id: 'is_large',
      kind: 'control.condition',
      title: 'Gold customer or large order?',
      input: {
        condition: {
          any: [
            { left: '{{ steps.customer.output.body.tier }}', operator: 'equals', right: 'gold' },
            { left: '{{ trigger.body.total }}', operator: 'greaterThan', right: 100 },
          ],
        },
      },
    },
    { id: 'both', kind: 'control.parallel', title: 'Tell both' },
    {
      id: 'thank',
      kind: 'email.send',
      title: 'Thank the customer',
      input: {
        to: '{{ steps.customer.output.body.email }}',
        subject: 'Your order {{ trigger.body.orderId }}',
        text: 'Dear {{ steps.customer.output.body.name }}, thank you. It leaves the roastery today.',
      },
    },
    {
      id: 'announce',
      kind: 'slack.postMessage',
      title: 'Tell the packers',
      input: {
        channel: '#orders',
        text: 'New order {{ trigger.body.orderId }} over {{ trigger.body.total }} €',
      },
    },
    { id: 'joined', kind: 'control.merge', title: 'Both told', input: { join: 'all' } },
    {
      id: 'answer',
      kind: 'control.return',
      title: 'Done',
      input: { output: { orderId: '{{ trigger.body.orderId }}', told: ['email', 'slack'] } },
    },
    { id: 'small', kind: 'control.return', title: 'Nothing to tell', input: { output: { told: [] } } },
  ],
  edges: [
    edge('order', 'customer'),
    edge('customer', 'is_large'),
    edge('is_large', 'both', 'true'),
    edge('is_large', 'small', 'false'),
    edge('both', 'thank'),
    edge('both', 'announce'),
    edge('thank', 'joined'),
    edge('announce', 'joined'),
    edge('joined', 'answer'),
  ],
});

/** A refund that waits a while, and takes the error edge when the bank does not answer. */
export const refund = graph({
  nodes: [
    { id: 'asked', kind: 'trigger.webhook', title: 'Refund asked for', input: { signature: 'standard' } },
    { id: 'cool_down', kind: 'control.delay', title: 'Give support ten minutes', input: { duration: '10m' } },
    {
      id: 'by_reason',
      kind: 'control.switch',
      title: 'Which reason?',
      input: {
        value: '{{ trigger.body.reason }}',
        cases: [
          { port: 'damaged', equals: 'damaged' },
          { port: 'late', equals: 'late' },
        ],
      },
    },
    {
      id: 'pay_back',
      kind: 'http.request',
      title: 'Pay back',
      input: {
        method: 'POST',
        url: 'https://pay.hartwell.coffee/refunds',
        body: { charge: '{{ trigger.body.charge }}' },
      },
    },
    {
      id: 'voucher',
      kind: 'email.send',
      title: 'Send a voucher',
      input: { to: '{{ trigger.body.email }}', subject: 'A bag on us', text: 'Sorry that it took so long.' },
    },
    {
      id: 'ask_support',
      kind: 'slack.postMessage',
      title: 'Ask support',
      input: { channel: '#support', text: 'Refund of {{ trigger.body.charge }} needs a person' },
    },
  ],
  edges: [
    edge('asked', 'cool_down'),
    edge('cool_down', 'by_reason'),
    edge('by_reason', 'pay_back', 'damaged'),
    edge('by_reason', 'voucher', 'late'),
    edge('by_reason', 'ask_support', 'default'),
    edge('pay_back', 'ask_support', 'error'),
  ],
});

/** A letter from a customer: a model sorts it and drafts an answer, and support reads both. */
export const letter = graph({
  nodes: [
    { id: 'letter', kind: 'trigger.webhook', title: 'Letter arrives', input: { signature: 'none' } },
    {
      id: 'sort',
      kind: 'openai.generateObject',
      title: 'Sort the letter',
      input: {
        prompt: '{{ trigger.body.text }}',
        schema: { type: 'object', properties: { topic: { type: 'string' } } },
      },
    },
    {
      id: 'draft',
      kind: 'openai.generateText',
      title: 'Draft an answer',
      input: { prompt: 'Answer kindly, about {{ steps.sort.output.object.topic }}: {{ trigger.body.text }}' },
    },
    {
      id: 'show',
      kind: 'slack.postMessage',
      title: 'Show support the draft',
      input: { channel: '#support', text: '{{ steps.draft.output.text }}' },
    },
  ],
  edges: [edge('letter', 'sort'), edge('sort', 'draft'), edge('draft', 'show')],
});

/** A supplier's price list, every night. */
export const priceList = graph({
  nodes: [
    { id: 'start', kind: 'trigger.manual', title: 'On request' },
    {
      id: 'fetch_list',
      kind: 'http.request',
      title: 'Fetch the price list',
      input: { method: 'GET', url: 'https://supplier.example/prices.csv' },
    },
    {
      id: 'remember',
      kind: 'control.setVariables',
      title: 'Remember the day',
      input: { variables: { day: '{{ $substring(run.startedAt, 0, 10) }}' } },
    },
    {
      id: 'upload',
      kind: 'http.request',
      title: 'Update the catalogue',
      input: { method: 'PUT', url: 'https://shop.hartwell.coffee/api/catalogue/{{ vars.day }}' },
    },
  ],
  edges: [edge('start', 'fetch_list'), edge('fetch_list', 'remember'), edge('remember', 'upload')],
});

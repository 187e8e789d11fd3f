import type { Json } from '@everwave/schema/flow';
import { letter, newOrder, priceList, refund } from './graphs.ts';
import type { RunStory, StepStory } from './run-story.ts';

export const flows = {
  newOrder: { id: 'newOrder', name: 'New order', version: 4, graph: newOrder },
  refund: { id: 'refund', name: 'Refund request', version: 2, graph: refund },
  priceList: { id: 'priceList', name: 'Nightly price list', version: 7, graph: priceList },
} as const;

const minute = 60_000;

const order = (orderId: string, customerId: string, total: number): Json => ({
  kind: 'webhook',
  method: 'POST',
  headers: { 'content-type': 'application/json', 'user-agent': 'HartwellShop/5.2' },
  query: {},
  body: {
    orderId,
    customerId,
    total,
    lines: [
      { sku: 'ETH-250', name: 'Ethiopia Yirgacheffe, 250 g', quantity: 3, price: 13.5 },
      { sku: 'COL-1000', name: 'Colombia Huila, 1 kg', quantity: 2, price: 38.2 },
      { sku: 'FILTER-02', name: 'Paper filters, size 2', quantity: 2, price: 6.5 },
    ],
  },
  receivedAt: '2026-11-21T15:04:11.201Z',
});

const ada = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: { id: 'c_7', name: 'Ada Brandt', email: 'ada.brandt@example.com', tier: 'gold', since: '2023-02-11T09:00:00Z' },
};

const lookUp: StepStory = {
  id: 'customer',
  at: 30,
  took: 210,
  input: { method: 'GET', url: 'https://crm.hartwell.coffee/customers/c_7', query: {}, headers: {} },
  output: ada,
};

const towardsBoth: readonly StepStory[] = [
  lookUp,
  { id: 'is_large', at: 260, took: 4, output: true },
  { id: 'both', at: 268, took: 2 },
  { id: 'small', at: 266, status: 'skipped' },
];

const thanked: StepStory = {
  id: 'thank',
  at: 280,
  took: 610,
  input: {
    to: 'ada.brandt@example.com',
    subject: 'Your order A-1042',
    text: 'Dear Ada Brandt, thank you. It leaves the roastery today.',
  },
  output: { messageId: '<run.8f1c.thank@hartwell.coffee>', accepted: ['ada.brandt@example.com'], rejected: [] },
};

const announced: StepStory = {
  id: 'announce',
  at: 281,
  took: 290,
  input: { channel: '#orders', text: 'New order A-1042 over 129.9 €' },
  output: { channel: 'C024BE91L', ts: '1763737451.000200' },
};

const slackDown = {
  name: 'slack_unavailable',
  message: 'Slack answered 503 Service Unavailable.',
  advice: 'Slack has a problem of its own. Look at status.slack.com, then retry the step.',
};

const notInChannel = {
  name: 'not_in_channel',
  message: 'The bot is not a member of #orders.',
  advice: 'Invite the bot to the channel in Slack with /invite @everwave, then retry the step.',
};

const unsureMail = {
  name: 'handover_interrupted',
  message: 'The connection to smtp.hartwell.coffee broke while the message was being handed over.',
  advice:
    'Look in the sent folder of orders@hartwell.coffee. If the message is there, complete the step; if not, retry it.',
  unsure: true,
};

const ended: readonly StepStory[] = [
  { id: 'joined', at: 900, took: 2 },
  { id: 'answer', at: 906, took: 2, output: { orderId: 'A-1042', told: ['email', 'slack'] } },
];

/** The runs worth a page of their own, by what they show. */
export const notable = {
  succeeded: {
    name: 'order A-1042',
    flow: flows.newOrder,
    status: 'succeeded',
    ago: 6 * minute,
    took: 912,
    trigger: order('A-1042', 'c_7', 129.9),
    steps: [...towardsBoth, thanked, announced, ...ended],
    output: { orderId: 'A-1042', told: ['email', 'slack'] },
  },
  running: {
    name: 'order A-1047',
    flow: flows.newOrder,
    status: 'running',
    ago: 6_800,
    trigger: order('A-1047', 'c_7', 84),
    steps: [
      ...towardsBoth,
      { ...thanked, status: 'running' },
      { ...announced, status: 'retrying', failures: [slackDown, slackDown], dueIn: 11_000 },
    ],
  },
  parked: {
    name: 'order A-1044',
    flow: flows.newOrder,
    status: 'needs_attention',
    ago: 24 * minute,
    trigger: order('A-1044', 'c_7', 248.4),
    steps: [
      ...towardsBoth,
      thanked,
      { ...announced, status: 'needs_attention', failures: [slackDown, slackDown, notInChannel] },
    ],
  },
  unsure: {
    name: 'order A-1039',
    flow: flows.newOrder,
    status: 'needs_attention',
    ago: 95 * minute,
    trigger: order('A-1039', 'c_7', 310),
    steps: [...towardsBoth, { ...thanked, status: 'needs_attention', failures: [unsureMail] }, announced],
  },
  waiting: {
    name: 'refund r-88',
    flow: flows.refund,
    status: 'waiting',
    ago: 4 * minute,
    trigger: { kind: 'webhook', method: 'POST', headers: {}, query: {}, body: { reason: 'late', charge: 'ch_88' } },
    steps: [{ id: 'cool_down', at: 20, status: 'waiting', dueIn: 6 * minute }],
  },
  failed: {
    name: 'price list 19',
    flow: flows.priceList,
    status: 'failed',
    ago: 190 * minute,
    took: 7_400,
    startedBy: 'Mara Lindqvist',
    trigger: { kind: 'manual', body: {}, receivedAt: '2026-11-21T02:00:00.000Z' },
    failure: {
      name: 'unauthorized',
      message: 'supplier.example answered 401 Unauthorized.',
      advice: 'Put a new token in the connection “Supplier”, then start the run again.',
    },
    steps: [
      {
        id: 'fetch_list',
        at: 15,
        status: 'failed',
        input: { method: 'GET', url: 'https://supplier.example/prices.csv' },
        failures: [
          {
            name: 'unauthorized',
            message: 'supplier.example answered 401 Unauthorized.',
            advice: 'Put a new token in the connection “Supplier”, then start the run again.',
          },
        ],
      },
      { id: 'remember', at: 400, status: 'skipped' },
      { id: 'upload', at: 400, status: 'skipped' },
    ],
  },
  priced: {
    name: 'letter 311',
    flow: { id: 'letter', name: 'Letters to support', version: 3, graph: letter },
    status: 'succeeded',
    ago: 41 * minute,
    took: 4_950,
    trigger: {
      kind: 'webhook',
      method: 'POST',
      headers: {},
      query: {},
      body: { from: 'jonas@example.com', text: 'My last bag of Huila tastes of cardboard. Was the valve broken?' },
    },
    steps: [
      {
        id: 'sort',
        at: 20,
        took: 1_120,
        output: { object: { topic: 'quality' }, repaired: false },
        used: [412, 38, 0.0000602],
      },
      {
        id: 'draft',
        at: 1_150,
        took: 3_480,
        output: {
          text: 'Dear Jonas, that is not how Huila should taste. A new bag is on its way, and we are looking at the valves.',
          finishReason: 'stop',
          model: 'gpt-6.1-sol',
          modelReason: 'The step names it.',
        },
        used: [1_204, 310, 0.005508],
      },
      { id: 'show', at: 4_640, took: 300, output: { channel: 'C024BE91L', ts: '1763737451.000900' } },
    ],
  },
} as const satisfies Record<string, RunStory>;

const outcomes = [
  'succeeded',
  'succeeded',
  'succeeded',
  'succeeded',
  'cancelled',
  'succeeded',
  'succeeded',
  'failed',
  'succeeded',
] as const;

/** The ordinary days behind them: mostly fine, at uneven times, some slow. */
export const everyday = (count: number): readonly RunStory[] =>
  Array.from({ length: count }, (_, at): RunStory => {
    const flow =
      [flows.newOrder, flows.newOrder, flows.refund, flows.newOrder, flows.priceList][at % 5] ?? flows.newOrder;
    const status = outcomes[(at * 7) % outcomes.length] ?? 'succeeded';
    return {
      name: `everyday ${at}`,
      flow,
      status,
      ago: (14 + at * 17 + ((at * at * 7) % 11)) * minute,
      took: 240 + ((at * 811) % 2_900) + (at % 11 === 3 ? 41_000 : 0),
      trigger: order(`A-${1038 - at}`, 'c_7', 60 + at),
      ...(flow === flows.priceList ? { startedBy: 'Mara Lindqvist' } : {}),
      ...(status === 'failed'
        ? { failure: { name: 'service_unavailable', message: 'crm.hartwell.coffee answered 503 for ten minutes.' } }
        : {}),
      steps: flow === flows.newOrder ? [...towardsBoth, thanked, announced, ...ended] : [],
    };
  });

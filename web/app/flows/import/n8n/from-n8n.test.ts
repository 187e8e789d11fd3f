import { coreManifests, validateFlow } from '@everwave/schema/flow';
import { manifests } from '../../../../tests/fake-api/manifests.ts';
import { describe, expect, it } from 'vitest';
import { fromN8n } from './from-n8n.ts';
import { translateText } from './translate-text.ts';

const core = new Set(coreManifests.map(({ kind }) => kind));
const connectors = manifests.filter(({ kind }) => !core.has(kind));

const node = (name: string, type: string, parameters: object = {}, more: object = {}) => ({
  id: name,
  name,
  type: `n8n-nodes-base.${type}`,
  typeVersion: 1,
  position: [100, 200],
  parameters,
  ...more,
});
const to = (...names: string[]) => names.map((each) => ({ node: each, type: 'main', index: 0 }));

const workflow = {
  name: 'Thank gold customers',
  nodes: [
    node('Order in', 'webhook', { httpMethod: 'POST', path: 'x', responseMode: 'responseNode' }),
    node('Look up', 'httpRequest', {
      url: '=https://crm.example.com/customers/{{ $json.body.customerId }}',
      sendHeaders: true,
      headerParameters: { parameters: [{ name: 'accept', value: 'application/json' }] },
    }),
    node('Gold?', 'if', {
      conditions: {
        combinator: 'and',
        conditions: [
          { leftValue: '={{ $json.tier }}', rightValue: 'gold', operator: { type: 'string', operation: 'equals' } },
          { leftValue: "={{ $('Order in').item.json.body.total }}", rightValue: 100, operator: { operation: 'gt' } },
        ],
      },
    }),
    node('Shape', 'set', {
      assignments: {
        assignments: [{ id: '1', name: 'name', value: '={{ $json.name.toUpperCase() }}', type: 'string' }],
      },
    }),
    node(
      'Tell',
      'slack',
      { channelId: { __rl: true, value: 'C1' }, text: '=Gold: {{ $json.name }}' },
      { retryOnFail: true, maxTries: 4 },
    ),
    node('Wait a bit', 'wait', { amount: 5, unit: 'minutes' }),
    node('Answer', 'respondToWebhook', {
      respondWith: 'json',
      responseBody: '={ "ok": true, "to": "{{ $json.email }}" }',
    }),
    node('Ask a model', 'openAi', { prompt: 'Hi' }, { disabled: true }),
    node('Note', 'stickyNote', { content: 'Ask Mara first' }),
  ],
  connections: {
    'Order in': { main: [to('Look up')] },
    'Look up': { main: [to('Gold?')] },
    'Gold?': { main: [to('Shape', 'Wait a bit'), to('Answer')] },
    Shape: { main: [to('Tell')] },
    'Wait a bit': { main: [to('Ask a model')] },
  },
  settings: { timezone: 'Europe/Helsinki' },
  pinData: {},
};

const imported = (json: unknown) => {
  const result = fromN8n(json);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
};

describe('a workflow of n8n', () => {
  const { flow, notes } = imported(workflow);
  const inputs = Object.fromEntries(flow.graph.nodes.map(({ id, kind, input }) => [id, [kind, input]]));

  it('becomes a drawing, with values as they are read here', () => {
    expect(flow.name).toBe('Thank gold customers');
    expect(inputs).toEqual({
      order_in: ['trigger.webhook', { answer: 'result' }],
      look_up: [
        'http.request',
        {
          method: 'GET',
          url: 'https://crm.example.com/customers/{{ trigger.body.customerId }}',
          headers: { accept: 'application/json' },
        },
      ],
      gold: [
        'control.condition',
        {
          condition: {
            all: [
              { left: '{{ steps.look_up.output.body.tier }}', operator: 'equals', right: 'gold' },
              { left: '{{ trigger.body.total }}', operator: 'greaterThan', right: 100 },
            ],
          },
        },
      ],
      shape: ['data.transform', { fields: { name: '«$json.name.toUpperCase()»' } }],
      tell: ['slack.postMessage', { channel: 'C1', text: 'Gold: {{ steps.shape.output.value.name }}' }],
      wait_a_bit: ['control.delay', { duration: '5m' }],
      answer: ['control.respond', { status: 200, body: { ok: true, to: '{{ steps.look_up.output.body.email }}' } }],
      ask_a_model: ['n8n.openAi', {}],
    });
    expect(flow.graph.edges.map(({ from, port, to: target }) => `${from}:${port}>${target}`)).toEqual([
      'order_in:out>look_up',
      'look_up:out>gold',
      'gold:true>shape',
      'gold:true>wait_a_bit',
      'gold:false>answer',
      'shape:out>tell',
      'wait_a_bit:out>ask_a_model',
    ]);
    expect(flow.graph.nodes.find(({ id }) => id === 'tell')?.policy).toEqual({ maximumAttempts: 4 });
  });

  it('says of everything that has no equal what it was, and loses nothing', () => {
    expect(notes.map(({ step, message }) => `${step}: ${message}`)).toEqual([
      'Note: A sticky note is left out: Ask Mara first',
      'Order in: It has an address of its own here. Give that to whoever calls it.',
      'Shape: Left as words: $json.name.toUpperCase()',
      'Ask a model: There is no step for openAi as it is set up there. Its place is kept: put other steps there.',
      'Ask a model: It was disabled there, and runs here.',
    ]);
    expect(flow.graph.nodes.find(({ id }) => id === 'ask_a_model')?.note).toContain('"prompt":"Hi"');
  });

  it('is a right drawing but for kinds that nobody here knows', () => {
    // Of the connectors only a few are here: `data.transform` is none of them.
    const issues = validateFlow(flow.graph, connectors);
    expect([
      ...new Set(issues.filter(({ severity }) => severity === 'error').map(({ nodeId, code }) => `${nodeId} ${code}`)),
    ]).toEqual(['shape unknown_kind', 'ask_a_model unknown_kind']);
  });
});

describe('schedules of n8n', () => {
  it.each([
    [{ field: 'minutes', minutesInterval: 10 }, { interval: '10m' }],
    [{ field: 'hours', hoursInterval: 2 }, { interval: '2h' }],
    [
      { triggerAtHour: 9, triggerAtMinute: 30 },
      { cron: '30 9 * * *', timeZone: 'Europe/Helsinki' },
    ],
    [
      { field: 'weeks', triggerAtDay: [1, 5], triggerAtHour: 7 },
      { cron: '0 7 * * MON,FRI', timeZone: 'Europe/Helsinki' },
    ],
    [
      { field: 'cronExpression', expression: '0 15 6 * * 1' },
      { cron: '15 6 * * 1', timeZone: 'Europe/Helsinki' },
    ],
  ])('%j', (interval, input) => {
    const nodes = [node('Each day', 'scheduleTrigger', { rule: { interval: [interval] } })];
    const { flow } = imported({ ...workflow, nodes, connections: {} });
    expect(flow.graph.nodes[0]).toMatchObject({ kind: 'trigger.schedule', input });
    expect(validateFlow(flow.graph, connectors).filter(({ nodeId }) => nodeId === 'each_day')).toEqual([]);
  });
});

describe('other nodes', () => {
  it('of older versions, with one rule per way out', () => {
    const { flow } = imported({
      name: '',
      nodes: [
        node('Begin', 'manualTrigger'),
        node('Which', 'switch', {
          value1: '={{ $json.country }}',
          rules: { rules: [{ value2: 'fi' }, { value2: 'de', output: 1 }] },
        }),
        node('Old if', 'if', {
          conditions: { number: [{ value1: '={{ $json.n }}', operation: 'largerEqual', value2: 3 }] },
        }),
        node('Kept', 'set', { values: { string: [{ name: 'a', value: 'x' }] } }),
        node('Rest', 'noOp'),
      ],
      connections: {
        Begin: { main: [to('Which')] },
        Which: { main: [to('Old if'), to('Kept'), to('Rest')] },
      },
    });
    expect(flow.graph.nodes.map(({ kind, input }) => [kind, input])).toEqual([
      ['trigger.manual', {}],
      [
        'control.switch',
        {
          value: '{{ trigger.body.country }}',
          cases: [
            { port: 'case_1', equals: 'fi' },
            { port: 'case_2', equals: 'de' },
          ],
        },
      ],
      ['control.condition', { condition: { left: '{{ trigger.body.n }}', operator: 'greaterOrEqual', right: 3 } }],
      ['data.transform', { base: '{{ trigger.body }}', fields: { a: 'x' } }],
      ['control.parallel', {}],
    ]);
    expect(flow.graph.edges.map(({ port }) => port)).toEqual(['out', 'case_1', 'case_2', 'default']);
  });

  it('with one name twice, or none of letters, have ids of their own', () => {
    const nodes = [node('Send', 'noOp'), node('send!', 'noOp'), node('送信', 'noOp'), node('42', 'noOp')];
    expect(imported({ nodes, connections: {} }).flow.graph.nodes.map(({ id }) => id)).toEqual([
      'send',
      'send_2',
      'step',
      'step_2',
    ]);
  });

  it('are refused where the file is none of n8n’s', () => {
    expect(fromN8n({ nodes: [], connections: {} }).ok).toBe(false);
    expect(fromN8n({ nodes: [{ name: 'A' }], connections: {} }).ok).toBe(false);
  });
});

describe('a text of n8n', () => {
  const roots = { own: 'steps.a.output.body', of: (name: string) => (name === 'The B' ? 'steps.b.output' : null) };
  it.each([
    ['plain', 'plain'],
    ['a {{ b }}', 'a { { b }}'],
    ['=Hi {{ $json.name }}!', 'Hi {{ steps.a.output.body.name }}!'],
    ['={{ $json["first name"][0].x }}', '{{ steps.a.output.body.`first name`[0].x }}'],
    ['={{ $node["The B"].json.id }}', '{{ steps.b.output.id }}'],
    ["={{ $('The B').first().json.id }}", '{{ steps.b.output.id }}'],
    ["={{ $('Other').item.json.id }}", "«$('Other').item.json.id»"],
    ['={{ $json.a + 1 }}', '«$json.a + 1»'],
    ['={{ $vars.REGION }}', '{{ env.REGION }}'],
    ['={{ $execution.id }}', '{{ run.id }}'],
  ])('%s', (given, text) => {
    expect(translateText(given, roots).text).toBe(text);
  });
});

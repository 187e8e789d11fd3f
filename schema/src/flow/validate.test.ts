import { describe, expect, it } from 'vitest';
import type { FlowGraph } from './graph.ts';
import { aFlow, manifests } from './testing/a-flow.ts';
import { validateFlow, type ConnectionSummary } from './validate.ts';

const connections: readonly ConnectionSummary[] = [
  { id: 'conn_1', kind: 'chat.bot', name: 'Our bot' },
  { id: 'conn_2', kind: 'mail.smtp', name: 'Our mail' },
];

const issuesOf = (graph: FlowGraph) => validateFlow(graph, manifests, { connections });
/** `code@path`, warnings in brackets. */
const briefly = (graph: FlowGraph) =>
  issuesOf(graph).map(({ severity, code, path }) => (severity === 'error' ? `${code}@${path}` : `(${code}@${path})`));

const hook = { kind: 'trigger.webhook' };
const send = { kind: 'chat.send' };
const isGold = { condition: { left: '{{ trigger.body.tier }}', operator: 'equals', right: 'gold' } };

it('finds nothing wrong with a flow that uses everything', () => {
  const graph = aFlow(
    {
      hook,
      manual: { kind: 'trigger.manual' },
      fetch: { kind: 'web.fetch' },
      remember: {
        kind: 'control.setVariables',
        input: { variables: { total: '{{ steps.fetch.output.body.total }}' } },
      },
      check: {
        kind: 'control.condition',
        input: { condition: { any: [{ not: isGold.condition }, { all: [isGold.condition] }] } },
      },
      route: {
        kind: 'control.switch',
        input: {
          value: '{{ vars.total }}',
          cases: [
            { port: 'small', equals: 1 },
            { port: 'large', equals: '{{ 2 }}' },
          ],
        },
      },
      fork: { kind: 'control.parallel' },
      one: { ...send, input: { channel: '{{ env.CHANNEL }}', text: 'Total {{ vars.total }}', retries: '{{ 1 }}' } },
      two: { ...send, policy: { maximumAttempts: 3, onFailure: 'fail' } },
      wait: { kind: 'control.delay', input: { duration: '10m' } },
      join: { kind: 'control.merge' },
      sorry: { ...send, input: { channel: 'alerts', text: '{{ steps.one.failure.message }}' } },
      done: { kind: 'control.return', input: { output: { ok: '{{ steps.two.output.id }}', run: '{{ run.url }}' } } },
    },
    [
      'hook > fetch',
      'manual > fetch',
      'fetch > remember',
      'remember > check',
      'check.true > route',
      'route.small > fork',
      'route.default > wait',
      'fork > one',
      'fork > two',
      'one > join',
      'one.error > sorry',
      'two > join',
      'wait > join',
      'join > done',
    ],
  );
  expect(issuesOf(graph)).toEqual([]);
});

describe('the drawing', () => {
  it.each<[string, FlowGraph, string[]]>([
    ['an empty flow', aFlow({}), ['no_trigger@']],
    ['a flow that nothing starts', aFlow({ send }), ['no_trigger@']],
    ['an unknown kind', aFlow({ hook, x: { kind: 'chat.nope' } }, ['hook > x']), ['unknown_kind@nodes[1].kind']],
    [
      'an unknown version',
      aFlow({ hook, x: { ...send, version: 9 } }, ['hook > x']),
      ['unknown_version@nodes[1].version'],
    ],
    [
      'a deprecated version',
      aFlow({ hook, x: { kind: 'web.fetch', version: 1 } }, ['hook > x']),
      ['(deprecated_kind@nodes[1].kind)'],
    ],
    ['a step no trigger leads to', aFlow({ hook, send }), ['(unreachable_node@nodes[1])']],
    ['an edge from nowhere', aFlow({ hook, send }, ['hook > send', 'gone > send']), ['dangling_edge@edges[1].from']],
    ['an edge to nowhere', aFlow({ hook, send }, ['hook > send', 'send > gone']), ['dangling_edge@edges[1].to']],
    [
      'an edge into a trigger',
      aFlow({ hook, send }, ['hook > send', 'send > hook']),
      ['cycle@nodes[0]', 'edge_into_trigger@edges[1].to'],
    ],
    ['an unknown port', aFlow({ hook, send }, ['hook.true > send']), ['unknown_port@edges[0].port']],
    [
      'a port no case of a switch has',
      aFlow({ hook, s: { kind: 'control.switch', input: { value: 1, cases: [{ port: 'a', equals: 1 }] } }, send }, [
        'hook > s',
        's.b > send',
      ]),
      ['unknown_port@edges[1].port'],
    ],
    [
      'a way out of a return',
      aFlow({ hook, r: { kind: 'control.return', input: { output: null } }, send }, ['hook > r', 'r > send']),
      ['unknown_port@edges[1].port'],
    ],
    ['an edge drawn twice', aFlow({ hook, send }, ['hook > send', 'hook > send']), ['duplicate_edge@edges[1]']],
    [
      'a merge with one branch',
      aFlow({ hook, join: { kind: 'control.merge' } }, ['hook > join']),
      ['(merge_without_branches@nodes[1])'],
    ],
    [
      'a step inside another',
      aFlow({ hook, send: { ...send, parent: 'hook' } }, ['hook > send']),
      ['unknown_parent@nodes[1].parent'],
    ],
  ])('%s', (_name, graph, expected) => {
    expect(briefly(graph)).toEqual(expected);
  });

  it('reports ids that are used twice', () => {
    const graph = aFlow({ hook, send }, ['hook > send']);
    const [first, second] = graph.nodes;
    const [edge] = graph.edges;
    if (!first || !second || !edge) throw new Error('The drawing is incomplete.');
    expect(briefly({ ...graph, nodes: [first, second, second] })).toContain('duplicate_node_id@nodes[2].id');
    expect(briefly({ ...graph, edges: [edge, { ...edge, port: 'x' }] })).toContain('duplicate_edge_id@edges[1].id');
  });

  it('names the steps of each cycle, and not the ones that only lead to it', () => {
    const graph = aFlow({ hook, before: send, a: send, b: send, c: send, after: send, x: send, y: send }, [
      'hook > before',
      'before > b',
      'b > c',
      'c > a',
      'a > b',
      'c > after',
      'after > x',
      'x > y',
      'y > x',
    ]);
    expect(issuesOf(graph).map(({ message }) => message)).toEqual([
      expect.stringContaining('a → b → c → a'),
      expect.stringContaining('x → y → x'),
    ]);
  });

  it('reports a step that leads to itself', () => {
    expect(briefly(aFlow({ hook, send }, ['hook > send', 'send > send']))).toEqual(['cycle@nodes[1]']);
  });
});

describe('fields', () => {
  const withInput = (input: object) => aFlow({ hook, send: { ...send, input } }, ['hook > send']);
  it.each<[string, FlowGraph, string[]]>([
    ['missing', withInput({ channel: 'x' }), ['missing_field@nodes[1].input.text']],
    ['unknown', withInput({ channel: 'x', text: 'y', txt: 1 }), ['unknown_field@nodes[1].input.txt']],
    ['of the wrong type', withInput({ channel: 'x', text: 5 }), ['wrong_type@nodes[1].input.text']],
    ['too short', withInput({ channel: '', text: 'y' }), ['invalid_value@nodes[1].input.channel']],
    ['too long', withInput({ channel: 'x', text: 'y'.repeat(101) }), ['invalid_value@nodes[1].input.text']],
    ['too large', withInput({ channel: 'x', text: 'y', retries: 6 }), ['invalid_value@nodes[1].input.retries']],
    ['not whole', withInput({ channel: 'x', text: 'y', retries: 1.5 }), ['wrong_type@nodes[1].input.retries']],
    [
      'wrong in depth',
      withInput({ channel: 'x', text: 'y', options: { tags: ['a', 2] } }),
      ['wrong_type@nodes[1].input.options.tags[1]'],
    ],
    [
      'whose expression gives the type in the run',
      withInput({ channel: 'x', text: 'y', retries: '{{ 1 }}', options: '{{ {} }}' }),
      [],
    ],
    [
      'of one of two shapes',
      aFlow({ hook, f: { kind: 'web.fetch', input: { url: 'u', body: { size: 'x' } } } }, ['hook > f']),
      ['wrong_type@nodes[1].input.body.size'],
    ],
    [
      'of none of two shapes',
      aFlow({ hook, f: { kind: 'web.fetch', input: { url: 'u', body: 5 } } }, ['hook > f']),
      ['wrong_type@nodes[1].input.body'],
    ],
    [
      'of a condition',
      aFlow(
        {
          hook,
          c: {
            kind: 'control.condition',
            input: { condition: { all: [isGold.condition, { left: 1, operator: 'is' }] } },
          },
        },
        ['hook > c'],
      ),
      ['invalid_value@nodes[1].input.condition.all[1].operator'],
    ],
    [
      'of a condition without content',
      aFlow({ hook, c: { kind: 'control.condition', input: { condition: { any: [] } } } }, ['hook > c']),
      ['invalid_value@nodes[1].input.condition.any'],
    ],
    [
      'of a delay',
      aFlow({ hook, d: { kind: 'control.delay', input: { duration: 'soon' } } }, ['hook > d']),
      ['invalid_value@nodes[1].input.duration'],
    ],
    [
      'of a switch, with one name twice',
      aFlow(
        {
          hook,
          s: {
            kind: 'control.switch',
            input: {
              value: 1,
              cases: [
                { port: 'a', equals: 1 },
                { port: 'a', equals: 2 },
              ],
            },
          },
        },
        ['hook > s'],
      ),
      ['duplicate_case@nodes[1].input.cases[1].port'],
    ],
    [
      'with a name no variable can have',
      aFlow({ hook, v: { kind: 'control.setVariables', input: { variables: { 'a b': 1 } } } }, ['hook > v']),
      ['invalid_value@nodes[1].input.variables.a b'],
    ],
  ])('%s', (_name, graph, expected) => {
    expect(briefly(graph)).toEqual(expected);
  });

  it('speaks of a field by the title its form shows', () => {
    const [issue] = issuesOf(withInput({ channel: 'x' }));
    expect(issue).toMatchObject({ nodeId: 'send', field: 'text', message: 'Message is missing.' });
  });
});

describe('expressions', () => {
  const reading = (text: string) =>
    aFlow(
      {
        hook,
        before: send,
        vars: { kind: 'control.setVariables', input: { variables: { late: 1 } } },
        send: { ...send, input: { channel: 'x', text } },
        after: send,
      },
      ['hook > before', 'before > send', 'send > after', 'hook > vars'],
    );
  const text = 'nodes[3].input.text';
  it.each<[string, string[]]>([
    ['{{ steps.before.output.id }} {{ steps.before.failure.name }} {{ steps.hook.output.body }}', []],
    ['{{ $count(trigger.body.items[name = steps.nonsense]) }}', []],
    ['{{ trigger.body. }}', [`bad_expression@${text}`]],
    ['{{ trigger.body', [`bad_expression@${text}`]],
    ['{{ $nope() }}', [`bad_expression@${text}`]],
    ['{{ $eval("1") }}', [`bad_expression@${text}`]],
    ['{{ triger.body }}', [`unknown_reference@${text}`]],
    ['{{ item.name }}', [`unknown_reference@${text}`]],
    ['{{ steps.before.body }}', [`unknown_reference@${text}`]],
    ['{{ steps.gone.output }}', [`unknown_step@${text}`]],
    ['{{ steps.after.output }}', [`step_not_before@${text}`]],
    ['{{ steps.vars.output }}', [`step_not_before@${text}`]],
    ['{{ steps.send.output }}', [`step_not_before@${text}`]],
    ['{{ vars.gone }}', [`unknown_variable@${text}`]],
    ['{{ vars.late }}', [`(variable_may_be_missing@${text})`]],
    ['{{ trigger.x }} {{ steps.gone.output }} {{ 1 + }}', [`bad_expression@${text}`, `unknown_step@${text}`]],
  ])('%s', (expression, expected) => {
    expect(briefly(reading(expression))).toEqual(expected);
  });

  it('says where in the field the mistake is', () => {
    const [issue] = issuesOf(reading('Hello {{ 1 + }}'));
    expect(issue?.message).toMatch(/at character \d+/);
  });

  it('looks into every depth of a field', () => {
    const graph = aFlow({ hook, r: { kind: 'control.return', input: { output: [{ a: '{{ nope }}' }] } } }, [
      'hook > r',
    ]);
    expect(briefly(graph)).toEqual(['unknown_reference@nodes[1].input.output[0].a']);
  });
});

describe('connections', () => {
  const withConnection = (kind: string, connectionId: string | null) =>
    aFlow({ hook, x: { kind, connectionId } }, ['hook > x']);
  it.each<[string, FlowGraph, string[]]>([
    ['missing', withConnection('chat.send', null), ['missing_connection@nodes[1].connectionId']],
    ['unknown', withConnection('chat.send', 'conn_9'), ['unknown_connection@nodes[1].connectionId']],
    ['of another kind', withConnection('chat.send', 'conn_2'), ['wrong_connection_kind@nodes[1].connectionId']],
    ['right', withConnection('chat.send', 'conn_1'), []],
    ['not used', withConnection('web.fetch', 'conn_1'), ['(unused_connection@nodes[1].connectionId)']],
  ])('%s', (_name, graph, expected) => {
    expect(briefly(graph)).toEqual(expected);
  });

  it('without the list of connections only a missing one is reported', () => {
    expect(validateFlow(withConnection('chat.send', 'conn_9'), manifests)).toEqual([]);
    expect(validateFlow(withConnection('chat.send', null), manifests)).toHaveLength(1);
  });
});

describe('policies and settings', () => {
  const withPolicy = (policy: object) => aFlow({ hook, send: { ...send, policy } }, ['hook > send']);
  it.each<[string, FlowGraph, string[]]>([
    [
      'a wait that is too short',
      withPolicy({ initialInterval: '1ms' }),
      ['policy_out_of_bounds@nodes[1].policy.initialInterval'],
    ],
    [
      'a first wait above the longest',
      withPolicy({ initialInterval: '10m' }),
      ['policy_out_of_bounds@nodes[1].policy.initialInterval'],
    ],
    [
      'an attempt longer than all of them',
      withPolicy({ startToCloseTimeout: '2h' }),
      ['policy_out_of_bounds@nodes[1].policy.startToCloseTimeout'],
    ],
    ['both made longer', withPolicy({ startToCloseTimeout: '2h', scheduleToCloseTimeout: '1d' }), []],
    [
      'a failure policy beside an error edge',
      aFlow({ hook, a: { ...send, policy: { onFailure: 'fail' } }, b: send }, ['hook > a', 'a.error > b']),
      ['(unused_policy@nodes[1].policy.onFailure)'],
    ],
    [
      'a policy on a control step',
      aFlow({ hook, p: { kind: 'control.parallel', policy: { maximumAttempts: 2 } } }, ['hook > p']),
      ['(unused_policy@nodes[1].policy)'],
    ],
    [
      'no time to run',
      aFlow({ hook, send }, ['hook > send'], { runTimeout: '0s' }),
      ['setting_out_of_bounds@settings.runTimeout'],
    ],
  ])('%s', (_name, graph, expected) => {
    expect(briefly(graph)).toEqual(expected);
  });
});

describe('steps that wait for something from outside', () => {
  const wait = {
    kind: 'control.waitForEvent',
    input: { event: 'order.paid', correlationKey: '{{ trigger.body.id }}' },
  };
  const ask = { kind: 'control.approval' };
  const withWait = (input: object, edges: readonly string[] = ['hook > wait']) =>
    briefly(
      aFlow({ hook, wait: { ...wait, input: { ...wait.input, ...input } }, late: send }, [...edges, 'hook > late']),
    );

  it('may have all they can have', () => {
    const match = { left: '{{ event.data.total }}', operator: 'greaterThan', right: '{{ trigger.body.total }}' };
    expect(withWait({ match, timeout: '2d' }, ['hook > wait', 'wait.timeout > late'])).toEqual([]);
    const form = { name: 'channel', type: 'choice', choices: ['mail'], required: true };
    const input = {
      subject: 'Refund {{ trigger.body.id }}?',
      fields: [form],
      roles: ['developer'],
      people: ['a@example.org'],
    };
    const graph = aFlow({ hook, ask: { ...ask, input }, yes: send }, ['hook > ask', 'ask.approved > yes']);
    expect(briefly(graph)).toEqual([]);
  });

  it.each([
    [{ event: 'order paid' }, ['invalid_value@nodes[1].input.event']],
    [{ event: '{{ trigger.body.event }}' }, ['invalid_value@nodes[1].input.event']],
    [{ timeout: 'soon' }, ['invalid_value@nodes[1].input.timeout', '(timeout_unused@nodes[1].input.timeout)']],
    [{ timeout: '1h' }, ['(timeout_unused@nodes[1].input.timeout)']],
    [{ correlationKey: '{{ event.data.id }}' }, ['unknown_reference@nodes[1].input.correlationKey']],
  ])('%j', (input, issues) => {
    expect(withWait(input)).toEqual(issues);
  });

  it('need a limit in a finally', () => {
    const inFinally = (input: object) =>
      briefly(
        aFlow(
          {
            hook,
            guarded: { kind: 'control.try' },
            one: { ...send, parent: 'guarded' },
            tidy: { kind: 'control.finally', parent: 'guarded' },
            ask: { ...ask, input, parent: 'tidy' },
          },
          ['hook > guarded'],
        ),
      );
    expect(inFinally({})).toEqual(['timeout_needed@nodes[4].input.timeout']);
    expect(inFinally({ timeout: '1h' })).toEqual(['(timeout_unused@nodes[4].input.timeout)']);
  });

  it('have a way out for nobody in time only with a limit', () => {
    expect(withWait({}, ['hook > wait', 'wait.timeout > late'])).toEqual(['(timeout_unused@nodes[1].input.timeout)']);
  });

  it.each([
    [
      {
        fields: [
          { name: 'a', type: 'text' },
          { name: 'a', type: 'date' },
        ],
      },
      ['duplicate_field@nodes[1].input.fields[1].name'],
    ],
    [{ fields: [{ name: 'a', type: 'choice' }] }, ['missing_choices@nodes[1].input.fields[0].choices']],
    [{ fields: [{ name: 'a', type: 'file' }] }, ['invalid_value@nodes[1].input.fields[0].type']],
    [{ roles: ['boss'] }, ['invalid_value@nodes[1].input.roles[0]']],
    [{ approvals: 0 }, ['invalid_value@nodes[1].input.approvals']],
  ])('ask with a form that makes sense: %j', (input, issues) => {
    expect(briefly(aFlow({ hook, ask: { ...ask, input } }, ['hook > ask']))).toEqual(issues);
  });

  it('tell their page to steps beside them and inside, and to nobody else', () => {
    const tell = { ...send, input: { channel: 'a', text: '{{ steps.ask.url }}' } };
    expect(briefly(aFlow({ hook, ask, tell }, ['hook > ask', 'hook > tell']))).toEqual([]);
    const each = { kind: 'control.forEach', input: { items: [1] } };
    expect(
      briefly(aFlow({ hook, ask, each, tell: { ...tell, parent: 'each' } }, ['hook > ask', 'hook > each'])),
    ).toEqual([]);
    expect(
      briefly(aFlow({ hook, each, ask: { ...ask, parent: 'each' }, tell }, ['hook > each', 'each > tell'])),
    ).toEqual(['step_not_before@nodes[3].input.text']);
    expect(
      briefly(aFlow({ hook, two: { ...send, input: { channel: 'a', text: '{{ steps.hook.url }}' } } }, ['hook > two'])),
    ).toEqual(['unknown_reference@nodes[1].input.text']);
  });
});

import { describe, expect, it } from 'vitest';
import { compileFlow } from './compile.ts';
import type { FlowGraph } from './graph.ts';
import type { ActionStep, Plan } from './plan.ts';
import { aFlow, manifests } from './testing/a-flow.ts';
import { secretPlaces, type VariableType } from './variables.ts';

const types = new Map<string, VariableType>([
  ['REGION', 'string'],
  ['LIMIT', 'number'],
  ['TOKEN', 'secret'],
]);

const compile = (graph: FlowGraph, more: Partial<Parameters<typeof compileFlow>[0]> = {}) =>
  compileFlow({ flowId: 'flow_1', flowVersion: 1, title: 'Orders', graph, manifests, variables: types, ...more });

const sending = (text: string): FlowGraph =>
  aFlow(
    {
      go: { kind: 'trigger.manual' },
      send: { kind: 'chat.send', connectionId: 'conn_1', input: { channel: 'c', text } },
    },
    ['go > send'],
  );

const planOf = (graph: FlowGraph, more = {}): Plan => {
  const compiled = compile(graph, more);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.plan;
};

const errorsOf = (graph: FlowGraph) =>
  compile(graph)
    .issues.filter(({ severity }) => severity === 'error')
    .map(({ code, field }) => `${code} ${field}`);

describe('a plan that reads variables', () => {
  it('names them, and where secret ones stand', () => {
    const plan = planOf(sending('{{ env.REGION }} {{ $string(env.LIMIT) }} {{ env.TOKEN }}/{{ env.TOKEN }}'));
    expect(plan.variables).toEqual({ REGION: 'value', LIMIT: 'value', TOKEN: 'secret' });
    expect((plan.steps['send'] as ActionStep).secrets).toEqual([{ path: ['text'], names: ['TOKEN'] }]);
  });

  it('says nothing of variables when it reads none', () => {
    const plan = planOf(sending('Hello'));
    expect(plan).not.toHaveProperty('variables');
    expect(plan.steps['send']).not.toHaveProperty('secrets');
  });

  it('names those of its sub-flows as well', () => {
    const flowId = `flow_${'2'.repeat(32)}`;
    const inner = planOf(sending('{{ env.REGION }} {{ env.TOKEN }}'), { flowId });
    const live = { plan: inner, planHash: 'a'.repeat(64) };
    const graph = aFlow(
      {
        go: { kind: 'trigger.manual' },
        sub: { kind: 'control.subflow', input: { flowId: inner.flowId, input: '{{ env.LIMIT }}', mode: 'wait' } },
      },
      ['go > sub'],
    );
    const subflows = new Map([[inner.flowId, { name: 'Inner', status: 'active' as const, live }]]);
    expect(planOf(graph, { subflows }).variables).toEqual({ LIMIT: 'value', REGION: 'value', TOKEN: 'secret' });
  });
});

describe('a drawing is refused', () => {
  it.each([
    ['a name that no variable has', '{{ env.NOBODY }}', 'variable_missing text'],
    ['all variables at once', '{{ env }}', 'unknown_reference text'],
    ['a name that is computed', '{{ $lookup(env, "REGION") }}', 'unknown_reference text'],
    ['a secret that is computed with', '{{ $uppercase(env.TOKEN) }}', 'secret_misplaced text'],
    ['a secret that is joined in an expression', '{{ "Bearer " & env.TOKEN }}', 'secret_misplaced text'],
    ['a secret that is compared', '{{ env.TOKEN = "x" ? 1 : 2 }}', 'secret_misplaced text'],
    ['a secret behind the whole scope', '{{ $$.env.TOKEN }}', 'secret_misplaced text'],
  ])('for %s', (_what, text, expected) => {
    expect(errorsOf(sending(text))).toEqual([expected]);
  });

  it('for a secret outside of an action, with where and what to do', () => {
    const graph = aFlow(
      {
        go: { kind: 'trigger.manual' },
        set: { kind: 'control.setVariables', input: { variables: { a: '{{ env.TOKEN }}' } } },
      },
      ['go > set'],
    );
    const [issue] = compile(graph).issues;
    expect(issue).toMatchObject({
      code: 'secret_misplaced',
      nodeId: 'set',
      field: 'variables.a',
      message: expect.stringMatching(/^TOKEN is secret: it can stand in the inputs of actions alone.*at character 7/),
    });
  });

  it('for a secret in an action that reaches no service: what it makes of it would be recorded', () => {
    const graph = aFlow(
      { go: { kind: 'trigger.manual' }, fetch: { kind: 'web.fetch', input: { url: '{{ env.TOKEN }}' } } },
      ['go > fetch'],
    );
    const [issue] = compile(graph).issues;
    expect(issue).toMatchObject({ code: 'secret_misplaced', nodeId: 'fetch', field: 'url' });
    expect(issue?.message).toContain('A secret can stand in actions that can have a connection alone.');
  });

  it('is not, where nobody has said which variables there are', () => {
    const { variables: _, ...rest } = { variables: types };
    expect(
      compileFlow({ flowId: 'f', flowVersion: 1, title: 't', graph: sending('{{ env.ANY }}'), manifests, ...rest }).ok,
    ).toBe(true);
  });
});

it('finds secrets wherever an input nests, and only whole names', () => {
  const input = {
    headers: [
      { name: 'a', value: 'Bearer {{env.TOKEN}}' },
      { name: 'b', value: '{{ env.TOKEN2 }}{{ env.OTHER }}' },
    ],
    plain: 'env.TOKEN',
  };
  expect(secretPlaces(input, (name) => name.startsWith('T'))).toEqual([
    { path: ['headers', 0, 'value'], names: ['TOKEN'] },
    { path: ['headers', 1, 'value'], names: ['TOKEN2'] },
  ]);
});

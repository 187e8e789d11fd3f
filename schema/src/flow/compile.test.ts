import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineNode } from '../node/define-node.ts';
import { toManifest } from '../node/manifest.ts';
import { toCanonicalJson } from './canonical-json.ts';
import { compileFlow } from './compile.ts';
import type { FlowGraph } from './graph.ts';
import type { Plan } from './plan.ts';
import { aFlow, manifests } from './testing/a-flow.ts';

const compile = (graph: FlowGraph, known = manifests) =>
  compileFlow({ flowId: 'flow_1', flowVersion: 3, title: 'Orders', graph, manifests: known });

const planOf = (graph: FlowGraph, known = manifests): Plan => {
  const compiled = compile(graph, known);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.plan;
};

const webCall = toManifest(
  defineNode({
    kind: 'web.call',
    version: 1,
    title: 'Call',
    summary: 'Calls a service.',
    effect: 'writes',
    readsWhen: { field: 'method', oneOf: ['GET', 'HEAD'] },
    credential: null,
    input: z.strictObject({ method: z.string().default('GET') }),
    output: z.strictObject({}),
    failures: {},
    activity: {
      startToCloseTimeout: '15s',
      scheduleToCloseTimeout: '1h',
      retry: { initialInterval: '2s', maximumInterval: '2m', maximumAttempts: 8, nonRetryableErrorTypes: [] },
    },
    idempotency: { by: 'nobody', duplicates: 'Twice.' },
    meters: {},
    examples: [{ title: 'A call', input: {}, output: {} }],
  }),
);

const graph = aFlow(
  {
    zero: { kind: 'trigger.webhook' },
    fork: { kind: 'control.parallel' },
    b: {
      kind: 'chat.send',
      policy: { maximumAttempts: 3, startToCloseTimeout: '20s', onFailure: 'fail' },
    },
    a: { kind: 'web.fetch' },
    join: { kind: 'control.merge' },
    check: {
      kind: 'control.condition',
      input: { condition: { left: '{{ steps.a.output.body.total }}', operator: 'greaterThan', right: 1 } },
    },
    done: {
      kind: 'control.return',
      input: {
        output: [
          '{{ steps.a.output.body.total }}',
          '{{ steps.a.output.body.`x y`[0] }}',
          '{{ steps.b.output }}',
          '{{ steps.b.output.id }}',
        ],
      },
    },
  },
  ['zero > fork', 'fork > b', 'fork > a', 'b > join', 'a > join', 'join > check', 'check.true > done'],
);

describe('a plan', () => {
  it('orders steps topologically, then by id', () => {
    const plan = planOf(graph);
    expect(plan.regions['root']?.steps).toEqual(['zero', 'fork', 'a', 'b', 'join', 'check', 'done']);
    expect(Object.values(plan.steps).map(({ order }) => order)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(plan.edges.map(({ from, port, to }) => `${from}.${port} > ${to}`)).toEqual([
      'zero.out > fork',
      'fork.out > a',
      'fork.out > b',
      'a.out > join',
      'b.out > join',
      'join.out > check',
      'check.true > done',
    ]);
    expect(plan.steps['join']).toMatchObject({ incoming: [3, 4], outgoing: [5], type: 'merge' });
  });

  it('merges the definition’s policy with the builder’s changes', () => {
    expect(planOf(graph).steps['b']).toMatchObject({
      activity: 'chat.send@1',
      idempotency: 'lookup',
      lane: 'durable',
      connectionId: 'conn_1',
      onFailure: 'fail',
      options: {
        taskQueue: 'flow',
        startToCloseTimeout: '20s',
        scheduleToCloseTimeout: '1h',
        retry: {
          initialInterval: '2s',
          backoffCoefficient: 2,
          maximumInterval: '2m',
          maximumAttempts: 3,
          nonRetryableErrorTypes: ['no_channel'],
        },
      },
    });
    expect(planOf(graph).steps['a']).toMatchObject({ onFailure: 'park', activity: 'web.fetch@2' });
  });

  it.each([
    ['the default', {}, 'reads', 'nature'],
    ['a literal value of the list', { method: 'HEAD' }, 'reads', 'nature'],
    ['a literal value outside it', { method: 'POST' }, 'writes', 'nobody'],
    ['an expression', { method: '{{ trigger.body.method }}' }, 'writes', 'nobody'],
    ['an expression that looks like a value of the list', { method: '{{ "GET" }}' }, 'writes', 'nobody'],
  ] as const)('takes a step for a read or a write by its input: %s', (_case, input, effect, idempotency) => {
    const called = aFlow({ start: { kind: 'trigger.manual' }, call: { kind: 'web.call', input } }, ['start > call']);
    const step = planOf(called, [...manifests, webCall]).steps['call'];
    expect(step).toMatchObject({ effect, idempotency });
    const edited = effect === 'reads' ? { effect: 'writes', idempotency: 'nobody' } : undefined;
    expect(step?.type === 'action' && step.whenEdited).toEqual(edited);
  });

  it('knows what later steps read of each output', () => {
    const plan = planOf(graph);
    expect(plan.steps['a']).toMatchObject({ reads: ['body.`x y`', 'body.total'] });
    expect(plan.steps['b']).toMatchObject({ reads: [''] });
  });

  it('is closed JSON', () => {
    const plan = planOf(graph);
    expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan);
  });

  it('is the same for the same drawing, whatever the order of its parts and their places', () => {
    const expected = toCanonicalJson(planOf(graph));
    const shuffled = fc.tuple(
      fc.shuffledSubarray(graph.nodes, { minLength: graph.nodes.length }),
      fc.shuffledSubarray(graph.edges, { minLength: graph.edges.length }),
    );
    fc.assert(
      fc.property(shuffled, ([nodes, edges]) => {
        const moved = nodes.map((node, index) => ({ ...node, position: { x: index, y: 0 }, note: 'moved' }));
        expect(toCanonicalJson(planOf({ ...graph, nodes: moved, edges }))).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('is refused for a drawing with errors, and given with warnings', () => {
    expect(compile(aFlow({ send: { kind: 'chat.send' } }))).toMatchObject({
      ok: false,
      issues: [{ code: 'no_trigger' }],
    });
    const warned = compile(aFlow({ hook: { kind: 'trigger.webhook' }, send: { kind: 'chat.send' } }));
    expect(warned).toMatchObject({ ok: true, issues: [{ code: 'unreachable_node' }] });
  });
});

describe('canonical JSON', () => {
  it('sorts keys, leaves out what is undefined, and parses back', () => {
    expect(toCanonicalJson({ b: 1, a: [{ d: null, c: 'ü' }], u: undefined })).toBe('{"a":[{"c":"ü","d":null}],"b":1}');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = toCanonicalJson(value);
        expect(toCanonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it.each([Number.NaN, Infinity, undefined, () => 0, 1n])('refuses %s', (value) => {
    expect(() => toCanonicalJson({ value: [value] })).toThrow(TypeError);
  });
});

it('says of an approval every role that may answer: those named, and those that may do more', () => {
  const rolesOf = (input: object) => {
    const ask = planOf(
      aFlow({ hook: { kind: 'trigger.webhook' }, ask: { kind: 'control.approval', input } }, ['hook > ask']),
    ).steps['ask'];
    return ask?.type === 'approval' ? ask.roles : null;
  };
  expect(rolesOf({ roles: ['developer'] })).toEqual(['owner', 'admin', 'developer']);
  expect(rolesOf({})).toEqual(['owner', 'admin', 'developer', 'operator']);
  expect(rolesOf({ people: ['ada@example.org'] })).toEqual([]);
});

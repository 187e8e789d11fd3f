import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flowGraphSchema, type FlowGraph } from './graph.ts';
import { fromExport, toExport, type PortableFlow } from './import-export.ts';
import { aFlow } from './testing/a-flow.ts';

const flow: PortableFlow = {
  name: 'Orders',
  description: 'Tells the team',
  tags: ['shop'],
  graph: aFlow({ hook: { kind: 'trigger.webhook' }, send: { kind: 'chat.send' } }, ['hook > send']),
};

const imported = (json: unknown): PortableFlow => {
  const result = fromExport(json);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.flow;
};

const problemsOf = (json: unknown) => {
  const result = fromExport(json);
  return result.ok ? [] : result.problems.map(({ path }) => path);
};

const stepId = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const duration = fc.tuple(fc.nat(99_999), fc.constantFrom('ms', 's', 'm', 'h', 'd')).map(([n, unit]) => `${n}${unit}`);
const anyGraph: fc.Arbitrary<FlowGraph> = fc
  .record({
    nodes: fc.array(
      fc.record(
        {
          id: stepId,
          kind: fc.constantFrom('trigger.webhook', 'chat.send', 'control.merge'),
          version: fc.integer({ min: 1, max: 999 }),
          title: fc.string({ minLength: 1, maxLength: 20 }),
          input: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
          connectionId: fc.option(fc.string()),
          policy: fc.record(
            { maximumAttempts: fc.integer({ min: 1, max: 100 }), startToCloseTimeout: duration },
            { requiredKeys: [] },
          ),
          position: fc.record({ x: fc.double({ noNaN: true, noDefaultInfinity: true }), y: fc.integer() }),
          note: fc.string(),
        },
        { requiredKeys: ['id', 'kind', 'title'] },
      ),
      { maxLength: 6 },
    ),
    edges: fc.array(
      fc.record(
        { id: fc.string({ minLength: 1, maxLength: 9 }), from: stepId, port: stepId, to: stepId },
        { requiredKeys: ['id', 'from', 'to'] },
      ),
      { maxLength: 6 },
    ),
  })
  .map((sketch) => flowGraphSchema.parse(JSON.parse(JSON.stringify(sketch))));

describe('export and import', () => {
  it('gives the same file again, byte for byte, for any drawing', () => {
    const anyFlow = fc.record(
      {
        name: fc.string({ minLength: 1, maxLength: 30 }),
        description: fc.string(),
        tags: fc.constant(['a', 'b']),
        graph: anyGraph,
      },
      { requiredKeys: ['name', 'graph'] },
    );
    fc.assert(
      fc.property(anyFlow, (original) => {
        const file = JSON.stringify(toExport(original));
        const again = JSON.stringify(toExport(imported(JSON.parse(file))));
        expect(again).toBe(file);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps everything but the connections', () => {
    const read = imported(JSON.parse(JSON.stringify(toExport(flow))));
    expect(read).toEqual({
      ...flow,
      graph: { ...flow.graph, nodes: flow.graph.nodes.map((node) => ({ ...node, connectionId: null })) },
    });
    expect(JSON.stringify(toExport(flow))).not.toContain('conn_1');
  });

  it('unbinds a connection that a file brings along', () => {
    const file = { ...toExport(flow), graph: flow.graph };
    expect(imported(file).graph.nodes.map(({ connectionId }) => connectionId)).toEqual([null, null]);
  });

  it.each<[string, unknown, string[]]>([
    ['nothing', null, ['']],
    ['another format', { ...toExport(flow), format: 'n8n' }, ['format']],
    ['a later version', { ...toExport(flow), formatVersion: 2 }, ['formatVersion']],
    ['a field too many', { ...toExport(flow), secret: 1 }, ['']],
    ['no name', { ...toExport(flow), name: '' }, ['name']],
    [
      'a step with a bad id',
      { ...toExport(flow), graph: { nodes: [{ id: 'Bad Id', kind: 'chat.send', title: 'x' }], edges: [] } },
      ['graph.nodes[0].id'],
    ],
    [
      'input nested without end',
      {
        ...toExport(flow),
        graph: { nodes: [{ id: 'a', kind: 'chat.send', title: 'x', input: { deep: nested(10_000) } }], edges: [] },
      },
      ['graph.nodes[0].input.deep'],
    ],
  ])('refuses %s and says where', (_name, json, paths) => {
    expect(problemsOf(json)).toEqual(paths);
  });
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

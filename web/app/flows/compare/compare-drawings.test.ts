import { flowGraphSchema } from '@everwave/schema/flow';
import { describe, expect, it } from 'vitest';
import { compareDrawings } from './compare-drawings.ts';

const node = (id: string, more: object = {}) => ({ id, kind: 'http.request', title: `Step ${id}`, ...more });
const edge = (id: string, from: string, to: string, port = 'out') => ({ id, from, to, port });
const drawing = (nodes: object[], edges: object[], more: object = {}) =>
  flowGraphSchema.parse({ nodes, edges, ...more });

const before = drawing(
  [
    node('start', { kind: 'trigger.manual' }),
    node('ask', { input: { url: 'https://a.example', headers: { accept: 'json', x: '1' } }, position: { x: 1, y: 1 } }),
    node('tell'),
  ],
  [edge('e1', 'start', 'ask'), edge('e2', 'ask', 'tell')],
);

describe('two drawings', () => {
  it('that are one differ in nothing, wherever their cards stand and whatever their edges are called', () => {
    const moved = drawing(
      before.nodes.map((each) => ({ ...each, position: { x: 300, y: 40 } })),
      [edge('a', 'start', 'ask'), edge('b', 'ask', 'tell')],
    );
    expect(compareDrawings(before, moved)).toMatchObject({ steps: [], edges: [], settings: {} });
  });

  it('differ in steps, their fields and the ways between them', () => {
    const after = drawing(
      [
        node('start', { kind: 'trigger.manual' }),
        node('ask', {
          title: 'Ask the shop',
          input: { url: 'https://a.example', headers: { accept: 'json', x: '2' } },
          policy: { maximumAttempts: 7 },
        }),
        node('note'),
      ],
      [edge('e1', 'start', 'ask'), edge('e2', 'ask', 'note')],
    );
    const { steps, edges, marked, graph } = compareDrawings(before, after);
    expect(steps).toEqual([
      {
        id: 'ask',
        title: 'Ask the shop',
        change: 'changed',
        fields: {
          title: { before: 'Step ask', after: 'Ask the shop' },
          'input.headers.x': { before: '1', after: '2' },
          'policy.maximumAttempts': { before: null, after: 7 },
        },
      },
      { id: 'note', title: 'Step note', change: 'added', fields: {} },
      { id: 'tell', title: 'Step tell', change: 'removed', fields: {} },
    ]);
    expect(edges).toEqual([
      { id: 'e2', from: 'Ask the shop', to: 'Step note', port: 'out', change: 'added' },
      { id: 'gone-e2', from: 'Ask the shop', to: 'Step tell', port: 'out', change: 'removed' },
    ]);
    expect(graph.nodes.map(({ id }) => id)).toEqual(['start', 'ask', 'note', 'tell']);
    expect(new Set(graph.edges.map(({ id }) => id)).size).toBe(3);
    expect([...marked.steps]).toEqual([
      ['ask', 'changed'],
      ['note', 'added'],
      ['tell', 'removed'],
    ]);
  });
});

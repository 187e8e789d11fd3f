import { flowGraphSchema, toExport } from '@everwave/schema/flow';
import { describe, expect, it } from 'vitest';
import { longestDocument, readDocument } from './read-document.ts';

const graph = flowGraphSchema.parse({ nodes: [{ id: 'start', kind: 'trigger.manual', title: 'Start' }], edges: [] });
const file = toExport({ name: 'Orders', graph });

describe('a file to import', () => {
  it('is what was exported', () => {
    expect(readDocument(JSON.stringify(file))).toEqual({
      ok: true,
      flow: { name: 'Orders', graph: file.graph },
      notes: [],
    });
  });

  it.each([
    ['', 'Choose a file'],
    ['{', 'not JSON'],
    ['{"name":"Orders"}', 'not a flow'],
    ['{"nodes":[],"connections":{}}', 'not a workflow that n8n'],
    [' '.repeat(longestDocument) + 'x', 'too large'],
  ])('is refused with why: %#', (text, why) => {
    const read = readDocument(text);
    expect(read.ok ? '' : read.title).toContain(why);
  });

  it('names the places that are wrong, a few of many', () => {
    const nodes = Array.from({ length: 30 }, () => ({ id: 'A step' }));
    const read = readDocument(JSON.stringify({ ...file, graph: { ...file.graph, nodes } }));
    expect(read.ok ? [] : read.problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['graph.nodes[0].id', '…']),
    );
    expect(read.ok ? 0 : read.problems.length).toBe(13);
  });
});

import { compensationPort, coreManifests, type FlowGraph, flowGraphSchema } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { describe, expect, it } from 'vitest';
import { beginBuilding, type BuilderAction, drawingOf, hasUnsaved, reduceBuilder } from './builder-state.ts';
import { copySteps, pasteSteps, readSteps } from './drawing/clipboard.ts';
import { mergeDrawings } from './drawing/merge-drawings.ts';
import { newNode } from './drawing/new-node.ts';
import { tidy } from './drawing/tidy.ts';
import { whyNotConnect } from './drawing/why-not-connect.ts';

const manifests = new Map(coreManifests.map((manifest) => [manifest.kind, manifest]));
const manifestOf = (kind: string): NodeManifest => {
  const found = manifests.get(kind);
  if (!found) throw new Error(`There is no ${kind}.`);
  return found;
};

const drawing: FlowGraph = flowGraphSchema.parse({
  nodes: [
    { id: 'start', kind: 'trigger.manual', title: 'By hand', position: { x: 22, y: 22 } },
    { id: 'each', kind: 'control.forEach', title: 'Each order', position: { x: 22, y: 132 } },
    { id: 'wait', kind: 'control.delay', title: 'Wait', parent: 'each', position: { x: 22, y: 88 } },
    {
      id: 'note',
      kind: 'control.setVariables',
      title: 'Note it',
      parent: 'each',
      input: { variables: { late: '{{ steps.wait.output }} of {{ steps.start.output }}' } },
      position: { x: 22, y: 220 },
    },
    { id: 'end', kind: 'control.return', title: 'Answer', position: { x: 22, y: 440 } },
  ],
  edges: [
    { id: 'a', from: 'start', to: 'each' },
    { id: 'b', from: 'wait', to: 'note' },
    { id: 'c', from: 'each', to: 'end' },
  ],
});
const saved = { revision: 3, graph: drawing };
const begin = () => beginBuilding(saved);
const after = (...actions: readonly BuilderAction[]) => actions.reduce(reduceBuilder, begin());
const ids = (graph: FlowGraph): readonly string[] => graph.nodes.map(({ id }) => id);

const renamed = (title: string): BuilderAction => ({
  type: 'edit',
  edit: { type: 'change', nodeId: 'wait', change: { title } },
  changed: 'wait.title',
});

describe('a builder', () => {
  it('takes with a frame what stands in it, and every edge that touched it', () => {
    const state = after({
      type: 'edit',
      edit: { type: 'remove', nodeIds: new Set(['each']), edgeIds: new Set() },
    });
    expect(ids(drawingOf(state))).toEqual(['start', 'end']);
    expect(drawingOf(state).edges).toEqual([]);
    expect(drawingOf(reduceBuilder(state, { type: 'undo' }))).toEqual(drawing);
  });

  it('undoes the letters of one field together, and redoes them until something else is changed', () => {
    const state = after(renamed('P'), renamed('Pa'), renamed('Pause'));
    const back = reduceBuilder(state, { type: 'undo' });
    expect(drawingOf(back)).toEqual(drawing);
    expect(drawingOf(reduceBuilder(back, { type: 'redo' }))).toEqual(drawingOf(state));
    const elsewhere = reduceBuilder(back, { type: 'edit', edit: { type: 'configure', settings: { lane: 'express' } } });
    expect(reduceBuilder(elsewhere, { type: 'redo' })).toEqual(elsewhere);
  });

  it('begins a new change when another field, or an undo, came between', () => {
    const state = after(renamed('P'), { type: 'undo' }, { type: 'redo' }, renamed('Pa'));
    expect(drawingOf(reduceBuilder(state, { type: 'undo' })).nodes[2]?.title).toBe('P');
  });

  it('forgets of what is selected what is no longer drawn', () => {
    const selection = { nodes: new Set(['wait', 'end']), edges: new Set(['b']) };
    const state = after(
      { type: 'select', selection },
      { type: 'edit', edit: { type: 'remove', nodeIds: new Set(['wait']), edgeIds: new Set() } },
    );
    expect(state.selection).toEqual({ nodes: new Set(['end']), edges: new Set() });
  });

  it('knows what the api has not got yet', () => {
    expect(hasUnsaved(begin())).toBe(false);
    const state = after(renamed('Pause'));
    expect(hasUnsaved(state)).toBe(true);
    const confirmed = reduceBuilder(state, { type: 'saved', saved: { revision: 4, graph: drawingOf(state) } });
    expect(hasUnsaved(confirmed)).toBe(false);
    expect(hasUnsaved(reduceBuilder(confirmed, { type: 'undo' }))).toBe(true);
  });

  it('is tried again when what the api refused has been changed', () => {
    const trouble = { type: 'refused', title: 'No', detail: 'A step has a name.' } as const;
    const state = after(renamed(''), { type: 'trouble', trouble });
    expect(state.trouble).toEqual(trouble);
    expect(reduceBuilder(state, renamed('Pause')).trouble).toBeNull();
  });

  it('has the own drawing behind one undo after somebody else’s was taken', () => {
    const theirs = { revision: 9, graph: { ...drawing, nodes: drawing.nodes.slice(0, 1), edges: [] } };
    const mine = after(renamed('Pause'), { type: 'trouble', trouble: { type: 'conflict', theirs } });
    const settled = reduceBuilder(mine, { type: 'settle', graph: theirs.graph, theirs });
    expect(settled).toMatchObject({ trouble: null, saved: { revision: 9 } });
    expect(hasUnsaved(settled)).toBe(false);
    expect(drawingOf(reduceBuilder(settled, { type: 'undo' }))).toEqual(drawingOf(mine));
  });
});

describe('a new step', () => {
  it('follows the selected one, below it and in its frame, from the first way out that is free', () => {
    const { node, edges } = newNode(drawing, manifests, manifestOf('control.condition'), { after: 'note' });
    expect(node).toMatchObject({ id: 'condition', parent: 'each', position: { x: 22, y: 352 } });
    expect(edges).toMatchObject([{ from: 'note', port: 'out', to: 'condition' }]);
    const graph = { ...drawing, nodes: [...drawing.nodes, node], edges: [...drawing.edges, ...edges] };
    const second = newNode(graph, manifests, manifestOf('control.condition'), { after: 'condition' });
    expect(second).toMatchObject({ node: { id: 'condition_2', title: `${node.title} 2` }, edges: [{ port: 'true' }] });
  });

  it('stands where it was dropped, and a trigger follows nothing and stands in no frame', () => {
    const spot = { x: 440, y: 22 };
    const dropped = newNode(drawing, manifests, manifestOf('control.delay'), { spot, parent: 'each' });
    expect(dropped).toMatchObject({ node: { position: spot, parent: 'each' }, edges: [] });
    const trigger = newNode(drawing, manifests, manifestOf('trigger.webhook'), { after: 'note', parent: 'each' });
    expect(trigger.edges).toEqual([]);
    expect(trigger.node).not.toHaveProperty('parent');
  });
});

describe('an edge', () => {
  const why = (from: string, to: string, port = 'out') =>
    whyNotConnect(drawing, manifests, { from: from as never, port, to: to as never });

  it('is drawn between steps of one frame', () => {
    expect(why('start', 'end')).toBeNull();
    expect(why('each', 'end', 'error')).toBeNull();
  });

  it.each([
    ['to itself', 'wait', 'wait', 'out', 'cannot lead to itself'],
    ['into a trigger', 'end', 'start', 'out', 'nothing can lead into it'],
    ['twice', 'start', 'each', 'out', 'already'],
    ['in a circle', 'note', 'wait', 'out', 'circle'],
    ['across a frame', 'wait', 'end', 'out', 'Each order itself'],
    ['from a way out that is not there', 'start', 'end', 'true', 'no way out called true'],
    ['from a step that is gone', 'gone', 'end', 'out', 'gone'],
  ])('is refused %s, and it says why', (_, from, to, port, words) => {
    expect(why(from, to, port)).toContain(words);
  });

  it('leads to one step that undoes another', () => {
    const graph = {
      ...drawing,
      edges: [...drawing.edges, { id: 'u', from: 'start', port: compensationPort, to: 'end' }],
    };
    const drawn = { from: 'start', port: compensationPort, to: 'each' } as never;
    expect(whyNotConnect(graph as FlowGraph, manifests, drawn)).toContain('undoes it already');
  });
});

describe('copied steps', () => {
  it('come with what stands in them, under new ids which their expressions follow', () => {
    const clip = readSteps(copySteps(drawing, new Set(['each'])) ?? '');
    if (!clip) throw new Error('Nothing was copied.');
    const pasted = pasteSteps(drawing, clip);
    expect(pasted.nodes.map(({ id, parent }) => [id, parent])).toEqual([
      ['each_2', undefined],
      ['wait_2', 'each_2'],
      ['note_2', 'each_2'],
    ]);
    expect(pasted.nodes[2]?.input).toEqual({
      variables: { late: '{{ steps.wait_2.output }} of {{ steps.start.output }}' },
    });
    expect(pasted.edges).toMatchObject([{ from: 'wait_2', to: 'note_2' }]);
  });

  it('are nothing when nothing is selected, or when other text is pasted', () => {
    expect(copySteps(drawing, new Set())).toBeNull();
    for (const text of ['', 'hello', '{"format":"everwave.steps"}', '[]']) expect(readSteps(text)).toBeNull();
  });
});

describe('two drafts that both changed', () => {
  const titled = (graph: FlowGraph, id: string, title: string): FlowGraph => ({
    ...graph,
    nodes: graph.nodes.map((node) => (node.id === id ? { ...node, title } : node)),
  });

  it('become one, with what each changed', () => {
    const mine = titled(drawing, 'wait', 'Pause');
    const theirs = { ...titled(drawing, 'end', 'Reply'), edges: drawing.edges.filter(({ id }) => id !== 'b') };
    const merged = mergeDrawings(drawing, mine, theirs);
    expect(merged).toMatchObject({ both: [], theirs: ['Reply'] });
    expect(merged.graph).toEqual({ ...titled(mine, 'end', 'Reply'), edges: theirs.edges });
  });

  it('name what both changed, and keep mine there', () => {
    const merged = mergeDrawings(drawing, titled(drawing, 'end', 'Mine'), titled(drawing, 'end', 'Theirs'));
    expect(merged.both).toEqual(['Mine']);
    expect(merged.graph.nodes.at(-1)?.title).toBe('Mine');
  });

  it('have no edge to a step that one of them removed', () => {
    const theirs = { ...drawing, nodes: drawing.nodes.slice(0, -1), edges: drawing.edges.slice(0, -1) };
    const edge = { id: 'd', from: 'start', port: 'out', to: 'end' };
    const mine = { ...drawing, edges: [...drawing.edges, edge] } as FlowGraph;
    const { graph } = mergeDrawings(drawing, mine, theirs);
    expect(ids(graph)).not.toContain('end');
    expect(graph.edges.map(({ to }) => to as string)).not.toContain('end');
  });
});

it('a drawing tidied up stands on the grid, each step below what leads to it', () => {
  const places = tidy(drawing, () => ({ width: 220, height: 78 }));
  const of = (id: string) => places.get(id) ?? { x: Number.NaN, y: Number.NaN };
  expect(of('start').y).toBeLessThan(of('each').y);
  expect(of('each').y).toBeLessThan(of('end').y);
  for (const { x, y } of places.values()) expect([Math.abs(x % 22), Math.abs(y % 22)]).toEqual([0, 0]);
});

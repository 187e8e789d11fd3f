import { coreManifests, type FlowGraph } from '@everwave/schema/flow';
import { describe, expect, it } from 'vitest';
import { newOrder, refund } from '../../../tests/fake-api/graphs.ts';
import { manifests as all } from '../../../tests/fake-api/manifests.ts';
import { layoutGraph } from './layout-graph.ts';
import type { StepView } from './step-view.ts';
import { type CanvasElements, toReactFlow } from './to-react-flow.ts';

const manifests = new Map(all.map((manifest) => [manifest.kind, manifest]));

const draw = (graph: FlowGraph, steps: ReadonlyMap<string, StepView> | null = null): CanvasElements =>
  toReactFlow({ graph, manifests, steps, issues: [], selectedId: null });

const placed = (graph: FlowGraph, place: (index: number) => { x: number; y: number }): FlowGraph => ({
  ...graph,
  nodes: graph.nodes.map((node, index) => ({ ...node, position: place(index) })),
});

describe('layoutGraph', () => {
  const size = () => ({ width: 220, height: 78 });

  it('arranges a drawing that nobody has placed, each step below those before it', () => {
    const { orientation, positions } = layoutGraph(newOrder, size);
    expect(orientation).toBe('vertical');
    for (const edge of newOrder.edges) {
      const from = positions.get(edge.from);
      const to = positions.get(edge.to);
      expect((to?.y ?? 0) - (from?.y ?? 0)).toBeGreaterThanOrEqual(78);
    }
  });

  it('leaves the author’s own placing as it is', () => {
    const byHand = placed(newOrder, (index) => ({ x: index * 300, y: 40 }));
    const { orientation, positions } = layoutGraph(byHand, size);
    expect(orientation).toBe('horizontal');
    expect(positions.get('customer')).toEqual({ x: 300, y: 40 });
  });

  it('draws an empty flow and an edge to nowhere', () => {
    expect(layoutGraph({ ...newOrder, nodes: [], edges: [] }, size).positions.size).toBe(0);
    const broken = { ...newOrder, nodes: newOrder.nodes.slice(0, 2) };
    expect(layoutGraph(broken, size).positions.size).toBe(2);
  });
});

const framed: FlowGraph = {
  ...newOrder,
  nodes: [
    ...newOrder.nodes.slice(0, 1),
    ...(['each', 'get', 'put', 'after'] as const).map((id) => ({
      ...newOrder.nodes[0]!,
      id: id as FlowGraph['nodes'][number]['id'],
      kind: id === 'each' ? 'control.forEach' : 'data.transform',
      title: id,
      input: {},
      position: { x: 0, y: 0 },
      ...((id === 'get' || id === 'put') && { parent: 'each' as FlowGraph['nodes'][number]['id'] }),
    })),
  ],
  edges: (
    [
      [newOrder.nodes[0]!.id, 'each'],
      ['get', 'put'],
      ['each', 'after'],
    ] as [FlowGraph['nodes'][number]['id'], FlowGraph['nodes'][number]['id']][]
  ).map(([from, to]) => ({ id: `${from}-${to}`, from, port: 'out', to })),
};

describe('frames', () => {
  it('are as large as what they hold, and push what comes behind them down', () => {
    const unplaced = { ...framed, nodes: framed.nodes.map((node) => ({ ...node, position: { x: 0, y: 0 } })) };
    const { positions, frames } = layoutGraph(unplaced, () => ({ width: 220, height: 78 }));
    const frame = frames.get('each') ?? { width: 0, height: 0 };
    for (const id of ['get', 'put']) {
      const { x, y } = positions.get(id) ?? { x: -1, y: -1 };
      expect(x).toBeGreaterThan(0);
      expect(x + 220).toBeLessThan(frame.width);
      expect(y).toBeGreaterThan(78);
      expect(y + 78).toBeLessThan(frame.height);
    }
    const top = positions.get('each')?.y ?? 0;
    expect(positions.get('after')?.y).toBeGreaterThan(top + frame.height);
  });

  it('come before what they hold, which stands in them', () => {
    const { nodes } = draw(framed);
    const ids = nodes.map(({ id }) => id);
    expect(ids.indexOf('each')).toBeLessThan(ids.indexOf('get'));
    expect(nodes.find(({ id }) => id === 'put')?.parentId).toBe('each');
    expect(nodes.find(({ id }) => id === 'each')?.data.isFrame).toBe(true);
    expect(nodes.find(({ id }) => id === 'after')?.parentId).toBeUndefined();
  });
});

describe('toReactFlow', () => {
  it('is the same twice: the drawing depends on nothing else', () => {
    expect(draw(newOrder)).toEqual(draw(newOrder));
  });

  it('gives cards in reading order', () => {
    const heights = draw(newOrder).nodes.map((node) => node.position.y);
    expect(heights).toEqual(heights.toSorted((a, b) => a - b));
  });

  it('offers an error’s way out only where the author uses it', () => {
    const ports = (id: string) =>
      draw(refund)
        .nodes.find((node) => node.id === id)
        ?.data.ports.map((port) => port.id);
    expect(ports('pay_back')).toEqual(['out', 'error']);
    expect(ports('voucher')).toEqual(['out']);
  });

  it('gives a switch one way out per case, in the order of where they lead', () => {
    const { nodes } = draw(refund);
    const left = (id: string): number => nodes.find((node) => node.id === id)?.position.x ?? 0;
    const targets: Readonly<Record<string, string>> = { damaged: 'pay_back', late: 'voucher', default: 'ask_support' };
    const ports = nodes.find((node) => node.id === 'by_reason')?.data.ports.map((port) => port.id) ?? [];
    expect(ports.toSorted()).toEqual(['damaged', 'default', 'late']);
    const places = ports.map((port) => left(targets[port] ?? ''));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('names the ways out where there are several, and marks failures', () => {
    const labels = new Map(draw(refund).edges.map((edge) => [edge.id, edge.data?.label]));
    expect(labels.get('by_reason.default-ask_support')).toBe('Otherwise');
    expect(labels.get('pay_back.error-ask_support')).toBe('On failure');
    expect(labels.get('asked.out-cool_down')).toBeNull();
  });

  it('draws the way to an undo step where there is one, and names it', () => {
    const { nodes, edges } = draw({
      ...refund,
      edges: refund.edges.map((edge) => (edge.port === 'error' ? { ...edge, port: 'compensate' } : edge)),
    });
    expect(nodes.find(({ id }) => id === 'pay_back')?.data.ports.map(({ id }) => id)).toEqual(['out', 'compensate']);
    expect(nodes.find(({ id }) => id === 'voucher')?.data.ports.map(({ id }) => id)).toEqual(['out']);
    expect(edges.filter(({ data }) => data?.isUndo).map(({ data }) => data?.label)).toEqual(['Undone by']);
    expect(edges.find(({ id }) => id === 'asked.out-cool_down')?.data).toMatchObject({ isUndo: false, label: null });
  });

  it('draws a kind that this version does not know', () => {
    const strange = { ...newOrder, nodes: newOrder.nodes.map((node) => ({ ...node, kind: 'mail.pigeon' })) };
    const { nodes } = toReactFlow({
      graph: strange,
      manifests: new Map(coreManifests.map((manifest) => [manifest.kind, manifest])),
      steps: null,
      issues: [],
      selectedId: null,
    });
    expect(nodes[0]?.data.connector).toBe('mail');
    expect(nodes[0]?.data.ports.map((port) => port.id)).toEqual(['out']);
  });

  it('puts an issue on its card', () => {
    const issue = {
      severity: 'error',
      code: 'missing_field',
      message: 'Say where to.',
      path: 'nodes[4].input.to',
      nodeId: 'thank',
    } as const;
    const { nodes } = toReactFlow({ graph: newOrder, manifests, steps: null, issues: [issue], selectedId: 'thank' });
    const card = nodes.find((node) => node.id === 'thank');
    expect(card?.data.issue).toBe('Say where to.');
    expect(card?.selected).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { newOrder } from '../../../tests/fake-api/graphs.ts';
import { openingViewport } from './opening-viewport.ts';
import { type CardNode, cardWidth, toReactFlow } from './to-react-flow.ts';

const cards = (selectedId: string | null): readonly CardNode[] =>
  toReactFlow({ graph: newOrder, manifests: new Map(), steps: null, issues: [], selectedId }).nodes;

/** Whether a card lies wholly inside a canvas that starts with this viewport. */
const sees = (node: CardNode, size: { width: number; height: number }, nodes: readonly CardNode[]): boolean => {
  const { x, y, zoom } = openingViewport(nodes, size);
  const left = node.position.x * zoom + x;
  const top = node.position.y * zoom + y;
  return left >= 0 && top >= 0 && left + cardWidth * zoom <= size.width && top + node.data.height * zoom <= size.height;
};

describe('openingViewport', () => {
  it('shows the whole drawing where its words can be read', () => {
    const nodes = cards(null);
    expect(nodes.every((node) => sees(node, { width: 700, height: 800 }, nodes))).toBe(true);
  });

  it('starts at the first card on a small canvas, large enough to read', () => {
    const nodes = cards(null);
    const size = { width: 340, height: 300 };
    expect(openingViewport(nodes, size).zoom).toBeGreaterThan(0.7);
    expect(nodes[0] && sees(nodes[0], size, nodes)).toBe(true);
  });

  it('starts at the chosen card on a small canvas', () => {
    const nodes = cards('announce');
    const chosen = nodes.find((node) => node.selected);
    expect(chosen && sees(chosen, { width: 340, height: 300 }, nodes)).toBe(true);
  });
});

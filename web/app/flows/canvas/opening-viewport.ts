import { getNodesBounds, getViewportForBounds, type Viewport } from '@xyflow/react';
import { type CardNode, cardWidth } from './to-react-flow.ts';

/** Below this zoom a card's words cannot be read: the canvas then opens at one card instead of the whole. */
const readableZoom = 0.55;
const closeUpZoom = 0.78;
const margin = 40;

export const fit = { padding: 0.05, maxZoom: 1, minZoom: 0.3 } as const;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Where a canvas of this size starts: at the whole drawing; or, where that would be too small to read, close up at the
 * chosen card, or at the beginning when none is chosen.
 */
export const openingViewport = (nodes: readonly CardNode[], { width, height }: Size): Viewport => {
  const outermost = nodes.filter(({ parentId }) => parentId === undefined);
  const whole = getViewportForBounds(getNodesBounds(outermost), width, height, fit.minZoom, fit.maxZoom, fit.padding);
  const chosen = nodes.find((node) => node.selected);
  const card = chosen ?? nodes[0];
  if (!card || whole.zoom >= readableZoom) return whole;
  const zoom = closeUpZoom;
  const place = placeOf(card, nodes);
  const centred = {
    x: width / 2 - (place.x + cardWidth / 2) * zoom,
    y: height / 2 - (place.y + card.data.height / 2) * zoom,
    zoom,
  };
  if (chosen) return centred;
  return card.data.orientation === 'vertical'
    ? { ...centred, y: margin - place.y * zoom }
    : { ...centred, x: margin - place.x * zoom };
};

/** On the drawing as a whole: a card in a frame says where it stands in that. */
const placeOf = (card: CardNode, nodes: readonly CardNode[]): { readonly x: number; readonly y: number } => {
  const frame = nodes.find(({ id }) => id === card.parentId);
  if (!frame) return card.position;
  const { x, y } = placeOf(frame, nodes);
  return { x: x + card.position.x, y: y + card.position.y };
};

import type { CardNode } from '../../canvas/to-react-flow.ts';

const isSameCard = (one: CardNode, other: CardNode): boolean =>
  one.position.x === other.position.x &&
  one.position.y === other.position.y &&
  one.width === other.width &&
  one.height === other.height &&
  one.parentId === other.parentId &&
  JSON.stringify(one.data) === JSON.stringify(other.data);

/** The new cards, with the old object for each that is still the same: React draws again only what is not. */
export const keepEqual = (before: readonly CardNode[], after: readonly CardNode[]): readonly CardNode[] => {
  const known = new Map(before.map((card) => [card.id, card]));
  return after.map((card) => {
    const old = known.get(card.id);
    if (!old) return card;
    if (isSameCard(old, card)) return old;
    // What the canvas has measured stays.
    return { ...card, ...(old.measured && { measured: old.measured }) };
  });
};

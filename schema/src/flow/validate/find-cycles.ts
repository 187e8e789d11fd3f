import type { GraphEdge } from '../graph.ts';
import type { GraphIndex } from './graph-index.ts';

/** Cycles without a step in common: ids in the order of the arrows, each from its smallest id. */
export const findCycles = ({ byId, edges, order }: GraphIndex): readonly (readonly string[])[] => {
  const sorted = new Set(order);
  const remaining = new Set([...byId.keys()].filter((id) => !sorted.has(id)));
  const isInside = ({ from, to }: GraphEdge) => remaining.has(from) && remaining.has(to);

  /** Takes away what only leads to a cycle or away from one. */
  const peel = (): void => {
    for (let size = -1; size !== remaining.size; ) {
      size = remaining.size;
      const inside = edges.filter(isInside);
      const from = new Set<string>(inside.map((edge) => edge.from));
      const to = new Set<string>(inside.map((edge) => edge.to));
      for (const id of remaining) if (!from.has(id) || !to.has(id)) remaining.delete(id);
    }
  };

  const cycles: (readonly string[])[] = [];
  for (peel(); remaining.size > 0; peel()) {
    const path: string[] = [];
    let id = [...remaining].toSorted()[0] ?? '';
    while (!path.includes(id)) {
      path.push(id);
      const current = id;
      id = edges.find((edge) => edge.from === current && isInside(edge))?.to ?? current;
    }
    const cycle = path.slice(path.indexOf(id));
    const first = cycle.indexOf(cycle.toSorted()[0] ?? '');
    cycles.push([...cycle.slice(first), ...cycle.slice(0, first)]);
    for (const member of cycle) remaining.delete(member);
  }
  return cycles;
};

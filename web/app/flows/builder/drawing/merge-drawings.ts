import type { FlowGraph } from '@everwave/schema/flow';
import { isSameJson } from '../../same-json.ts';

export interface Merged {
  readonly graph: FlowGraph;
  /** Steps that both have changed, or that one changed and the other removed: here mine stand. */
  readonly both: readonly string[];
  /** Steps that only they have changed, added or removed. */
  readonly theirs: readonly string[];
}

interface Thing {
  readonly id: string;
}

const byId = <Item extends Thing>(things: readonly Item[]) => new Map(things.map((thing) => [thing.id, thing]));

/** Each thing as whoever changed it has it; mine where both did. */
const mergeThings = <Item extends Thing>(base: readonly Item[], mine: readonly Item[], theirs: readonly Item[]) => {
  const [before, own, other] = [byId(base), byId(mine), byId(theirs)];
  const both: Item[] = [];
  const foreign: Item[] = [];
  const result: Item[] = [];
  for (const id of new Set([...own.keys(), ...other.keys(), ...before.keys()])) {
    const [old, ours, their] = [before.get(id), own.get(id), other.get(id)];
    const haveI = !isSameJson(old, ours);
    const haveThey = !isSameJson(old, their);
    const known = ours ?? their ?? old;
    if (known && haveI && haveThey && !isSameJson(ours, their)) both.push(known);
    else if (known && haveThey && !haveI) foreign.push(their ?? known);
    const chosen = haveI ? ours : their;
    if (chosen) result.push(chosen);
  }
  return { result, both, foreign };
};

/** Two people's changes to the same draft. `base` is what both began with. */
export const mergeDrawings = (base: FlowGraph, mine: FlowGraph, theirs: FlowGraph): Merged => {
  const nodes = mergeThings(base.nodes, mine.nodes, theirs.nodes);
  const edges = mergeThings(base.edges, mine.edges, theirs.edges);
  const ids = new Set<string>(nodes.result.map(({ id }) => id));
  return {
    graph: {
      ...mine,
      nodes: nodes.result.map((node) => {
        if (node.parent === undefined || ids.has(node.parent)) return node;
        const { parent: _, ...rest } = node;
        return rest;
      }),
      edges: edges.result.filter(({ from, to }) => ids.has(from) && ids.has(to)),
      settings: isSameJson(base.settings, mine.settings) ? theirs.settings : mine.settings,
    },
    both: nodes.both.map(({ title }) => title),
    theirs: nodes.foreign.map(({ title }) => title),
  };
};

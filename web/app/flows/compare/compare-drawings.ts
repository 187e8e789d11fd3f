import type { FlowGraph, GraphEdge, GraphNode } from '@everwave/schema/flow';
import { isSameJson } from '../same-json.ts';

export type DrawingChange = 'added' | 'removed' | 'changed';

/** What a canvas marks: steps by id, edges by theirs. */
export interface MarkedChanges {
  readonly steps: ReadonlyMap<string, DrawingChange>;
  readonly edges: ReadonlyMap<string, DrawingChange>;
}

interface FieldChange {
  readonly before: unknown;
  readonly after: unknown;
}

export interface StepChange {
  readonly id: string;
  readonly title: string;
  readonly change: DrawingChange;
  /** Of a changed one, by name as `input.url`. */
  readonly fields: Readonly<Record<string, FieldChange>>;
}

/** A way between two steps, by their titles. */
export interface EdgeChange {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly change: 'added' | 'removed';
}

export interface ComparedDrawings {
  /** Everything of either drawing: what is gone is still to be seen. */
  readonly graph: FlowGraph;
  readonly marked: MarkedChanges;
  readonly steps: readonly StepChange[];
  readonly edges: readonly EdgeChange[];
  /** Settings of the flow itself. */
  readonly settings: Readonly<Record<string, FieldChange>>;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What differs, by name; of objects inside their fields, as deep as the two have them. */
const differencesOf = (before: Fields, after: Fields, prefix = ''): Record<string, FieldChange> =>
  Object.assign(
    {},
    ...[...new Set([...Object.keys(before), ...Object.keys(after)])].map((name) => {
      const [was, is] = [before[name], after[name]];
      if (isSameJson(was, is)) return {};
      if (isFields(was) && isFields(is)) return differencesOf(was, is, `${prefix}${name}.`);
      return { [`${prefix}${name}`]: { before: was ?? null, after: is ?? null } };
    }),
  ) as Record<string, FieldChange>;

/** What a step does and how. Where it stands on the canvas says nothing of that. */
const meaningOf = ({ position: _position, id: _id, ...rest }: GraphNode): Fields => rest;

/** Two edges are one where they lead the same way, whatever they are called. */
const wayOf = ({ from, port, to }: GraphEdge): string => `${from} ${port} ${to}`;

/** What became of a drawing. Pure; steps and edges stand in the order of the newer one, what is gone behind. */
export const compareDrawings = (before: FlowGraph, after: FlowGraph): ComparedDrawings => {
  const were = new Map<string, GraphNode>(before.nodes.map((node) => [node.id, node]));
  const are = new Set<string>(after.nodes.map(({ id }) => id));
  const gone = before.nodes.filter(({ id }) => !are.has(id));
  const changed = after.nodes.flatMap((node): StepChange[] => {
    const was = were.get(node.id);
    if (!was) return [{ id: node.id, title: node.title, change: 'added', fields: {} }];
    const fields = differencesOf(meaningOf(was), meaningOf(node));
    return Object.keys(fields).length === 0 ? [] : [{ id: node.id, title: node.title, change: 'changed', fields }];
  });
  const steps = [
    ...changed,
    ...gone.map(({ id, title }): StepChange => ({ id, title, change: 'removed', fields: {} })),
  ];
  const titles = new Map<string, string>([...before.nodes, ...after.nodes].map(({ id, title }) => [id, title]));
  const ways = { before: new Set(before.edges.map(wayOf)), after: new Set(after.edges.map(wayOf)) };
  const ids = new Set<string>(after.edges.map(({ id }) => id));
  const goneEdges = before.edges
    .filter((edge) => !ways.after.has(wayOf(edge)))
    // Its id may be that of another edge now.
    .map((edge) => ({ ...edge, id: (ids.has(edge.id) ? `gone-${edge.id}` : edge.id) as GraphEdge['id'] }));
  const toChange =
    (change: EdgeChange['change']) =>
    ({ id, from, to, port }: GraphEdge): EdgeChange => ({
      id,
      from: titles.get(from) ?? from,
      to: titles.get(to) ?? to,
      port,
      change,
    });
  const edges = [
    ...after.edges.filter((edge) => !ways.before.has(wayOf(edge))).map(toChange('added')),
    ...goneEdges.map(toChange('removed')),
  ];
  const isThere = new Set<string>([...are, ...gone.map(({ id }) => id)]);
  return {
    graph: {
      ...after,
      nodes: [...after.nodes, ...gone].map((node) => {
        if (node.parent === undefined || isThere.has(node.parent)) return node;
        const { parent: _parent, ...rest } = node;
        return rest;
      }),
      edges: [...after.edges, ...goneEdges],
    },
    marked: {
      steps: new Map(steps.map(({ id, change }) => [id, change])),
      edges: new Map(edges.map(({ id, change }) => [id, change])),
    },
    steps,
    edges,
    settings: differencesOf(before.settings as Fields, after.settings as Fields),
  };
};

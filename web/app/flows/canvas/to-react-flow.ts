import {
  compensationPort,
  type FlowGraph,
  type GraphNode,
  isCompensation,
  type Issue,
  portsOf,
} from '@everwave/schema/flow';
import type { NodeManifest, Port } from '@everwave/schema/node';
import type { Edge, Node } from '@xyflow/react';
import type { changeWords } from './change-words.ts';
import { type EdgeState, edgeStateOf } from './edge-state.ts';
import { type CardSize, layoutGraph, type Orientation } from './layout-graph.ts';
import type { StepView } from './step-view.ts';
import { type SummaryPart, summarizeNode } from './summarize-node.ts';

export interface CardData extends Record<string, unknown> {
  readonly title: string;
  readonly connector: string;
  readonly kind: string;
  readonly summary: readonly SummaryPart[];
  readonly ports: readonly Port[];
  readonly isTrigger: boolean;
  /** Edges can be drawn from it and to it. */
  readonly isDrawable: boolean;
  readonly orientation: Orientation;
  /** Of the card; of a frame, of its head. */
  readonly height: number;
  /** Holds other cards: the node is larger than its card. */
  readonly isFrame: boolean;
  /** Takes other cards, whether it holds one yet or not. */
  readonly isContainer: boolean;
  /** Null when no run is in view, or when the run has not come to this step. */
  readonly step: StepView | null;
  readonly hasRun: boolean;
  /** The first thing wrong with this node, for its badge. */
  readonly issue: string | null;
  /** What became of it, where two drawings are compared. */
  readonly change: keyof typeof changeWords | null;
}

export interface WireData extends Record<string, unknown> {
  readonly state: EdgeState;
  readonly isError: boolean;
  /** Leads to the step that undoes this one. */
  readonly isUndo: boolean;
  /** Name of the way out, where there are several. */
  readonly label: string | null;
}

export type CardNode = Node<CardData, 'card'>;
export type WireEdge = Edge<WireData, 'wire'>;

export const cardWidth = 220;
const lettersInLine = 23;
export const stateLineHeight = 30;
/** Drawn where the author uses it. */
const undoPort: Port = { id: compensationPort, title: 'Undone by' };

/** A kind that this version does not know is drawn all the same. */
const unknownPorts: readonly Port[] = [{ id: 'out', title: 'Done' }];

/** A card's height is fixed by what it holds, so that the drawing does not move while a run fills it. */
const heightOf = (summary: readonly SummaryPart[], hasRun: boolean): number => {
  const letters = summary.reduce((sum, part) => sum + ('text' in part ? part.text.length : part.value.length + 2), 0);
  return (letters > lettersInLine ? 78 : 60) + (hasRun ? stateLineHeight : 0);
};

type ChangesById = ReadonlyMap<string, keyof typeof changeWords>;

export interface CanvasChanges {
  readonly steps: ChangesById;
  readonly edges: ChangesById;
}

export interface CanvasParts {
  readonly graph: FlowGraph;
  readonly manifests: ReadonlyMap<string, NodeManifest>;
  /** States of one run by node id; null when the drawing stands for itself. */
  readonly steps: ReadonlyMap<string, StepView> | null;
  readonly issues: readonly Issue[];
  readonly selectedId: string | null;
  /** Set where two drawings are compared: what became of steps and edges, by id. */
  readonly changes?: CanvasChanges | undefined;
  /** Set while the drawing is edited: every way out is shown, and the drawing keeps the way it reads. */
  readonly editing?: { readonly orientation: Orientation };
}

export interface CanvasElements {
  readonly nodes: CardNode[];
  readonly edges: WireEdge[];
}

/** Our stored graph as React Flow's elements. Pure; cards come in reading order, which is also their order for Tab. */
export const toReactFlow = ({
  graph,
  manifests,
  steps,
  issues,
  selectedId,
  changes,
  editing,
}: CanvasParts): CanvasElements => {
  const hasRun = steps !== null;
  const summaries = new Map(
    graph.nodes.map((node) => [node.id, summarizeNode(node, manifests.get(node.kind)?.summary)]),
  );
  const summaryOf = (node: GraphNode): readonly SummaryPart[] => summaries.get(node.id) ?? [];
  const sizes = new Map<string, CardSize>(
    graph.nodes.map((node) => [node.id, { width: cardWidth, height: heightOf(summaryOf(node), hasRun) }]),
  );
  const sizeOf = (id: string): CardSize => sizes.get(id) ?? { width: cardWidth, height: 78 };
  const { orientation, positions, frames } = layoutGraph(
    graph,
    sizeOf,
    editing && { ...editing, containers: containersIn(graph, manifests) },
  );

  const usesError = new Set(graph.edges.filter((edge) => edge.port === 'error').map((edge) => edge.from as string));
  const hasUndo = new Set(graph.edges.filter(isCompensation).map(({ from }) => from as string));
  const portsByNode = new Map<string, readonly Port[]>();

  /** Ways out stand in the order of where they lead, so that their edges do not cross at once. */
  const inDrawnOrder = (ports: readonly Port[], id: string): readonly Port[] => {
    const side = orientation === 'vertical' ? 'x' : 'y';
    const placeOf = (port: Port): number => {
      if (port.id === 'error') return Number.POSITIVE_INFINITY;
      const target = graph.edges.find((edge) => edge.from === id && edge.port === port.id)?.to;
      return (target ? positions.get(target)?.[side] : undefined) ?? Number.POSITIVE_INFINITY;
    };
    return ports.toSorted((a, b) => placeOf(a) - placeOf(b) || 0);
  };

  const nodes = graph.nodes.map((node): CardNode => {
    const manifest = manifests.get(node.kind);
    const ways = manifest ? portsOf(manifest, node.input) : unknownPorts;
    const ports = inDrawnOrder(
      ways.filter((port) => port.id !== 'error' || editing !== undefined || usesError.has(node.id)),
      node.id,
    );
    portsByNode.set(node.id, ports);
    const mayBeUndone = editing !== undefined && manifest?.category === 'action' && manifest.effect !== 'reads';
    const handles = mayBeUndone || hasUndo.has(node.id) ? [...ports, undoPort] : ports;
    return {
      id: node.id,
      type: 'card',
      position: positions.get(node.id) ?? { x: 0, y: 0 },
      ...(frames.get(node.id) ?? sizeOf(node.id)),
      ...(node.parent !== undefined && frames.has(node.parent) && { parentId: node.parent }),
      selected: node.id === selectedId,
      data: {
        title: node.title,
        kind: node.kind,
        connector: manifest?.connector ?? node.kind.split('.')[0] ?? 'core',
        summary: summaryOf(node),
        ports: handles,
        isTrigger: node.kind.startsWith('trigger.'),
        isDrawable: editing !== undefined,
        orientation,
        height: sizeOf(node.id).height,
        isFrame: frames.has(node.id),
        isContainer: manifest?.frame === true,
        step: steps?.get(node.id) ?? null,
        hasRun,
        issue: issues.find((issue) => issue.nodeId === node.id)?.message ?? null,
        change: changes?.steps.get(node.id) ?? null,
      },
    };
  });

  const stateOf = (edge: FlowGraph['edges'][number]): EdgeState => {
    const change = changes?.edges.get(edge.id);
    if (change) return change === 'removed' ? 'dead' : 'taken';
    return steps ? edgeStateOf(edge, steps) : 'plain';
  };
  const edges = graph.edges.map((edge): WireEdge => {
    const ports = portsByNode.get(edge.from) ?? [];
    const isError = edge.port === 'error' || edge.port === 'caught';
    const ways = ports.filter((port) => port.id !== 'error' && port.id !== 'caught');
    const isUndo = isCompensation(edge);
    const label = isUndo
      ? undoPort.title
      : isError
        ? 'On failure'
        : ways.length > 1
          ? (ways.find((port) => port.id === edge.port)?.title ?? edge.port)
          : null;
    return {
      id: edge.id,
      type: 'wire',
      source: edge.from,
      sourceHandle: edge.port,
      target: edge.to,
      targetHandle: 'in',
      focusable: false,
      data: { state: stateOf(edge), isError, isUndo, label },
    };
  });

  return { nodes: inReadingOrder(nodes), edges };
};

const containersIn = ({ nodes }: FlowGraph, manifests: ReadonlyMap<string, NodeManifest>): ReadonlySet<string> =>
  new Set(nodes.filter(({ kind }) => manifests.get(kind)?.frame).map(({ id }) => id));

/** Row by row; a frame is followed by what it holds, as React Flow asks. */
const inReadingOrder = (nodes: readonly CardNode[]): CardNode[] => {
  const byFrame = Map.groupBy(nodes, ({ parentId }) => parentId);
  const read = (frame: string | undefined): CardNode[] =>
    (byFrame.get(frame) ?? [])
      .toSorted((a, b) => a.position.y - b.position.y || a.position.x - b.position.x)
      .flatMap((node) => [node, ...read(node.id)]);
  return read(undefined);
};

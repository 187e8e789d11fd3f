import type { Issue } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type EdgeChange,
  type FinalConnectionState,
  MiniMap,
  type NodeChange,
  ReactFlow,
  useReactFlow,
} from '@xyflow/react';
import { type DragEvent, useMemo, useState } from 'react';
import { ArrowHeads } from '../canvas/arrow-heads.tsx';
import { FlowEdge } from '../canvas/flow-edge.tsx';
import { FlowNode } from '../canvas/flow-node.tsx';
import type { Orientation } from '../canvas/layout-graph.ts';
import { Opening } from '../canvas/opening.tsx';
import { type CardNode, toReactFlow, type WireEdge } from '../canvas/to-react-flow.ts';
import { ZoomPanel } from '../canvas/zoom-panel.tsx';
import type { Selection } from './builder-state.ts';
import { frameAt, landingOf } from './canvas/landing.ts';
import { keepEqual } from './canvas/keep-equal.ts';
import type { Place } from './drawing/edit.ts';
import { grid, snap, type Spot } from './drawing/grid.ts';
import { type Drawn, whyNotConnect } from './drawing/why-not-connect.ts';
import { draggedKind } from './palette.tsx';
import type { FlowGraph } from '@everwave/schema/flow';

const nodeTypes = { card: FlowNode };
const edgeTypes = { wire: FlowEdge };
const manyCards = 200;
const snapGrid: [number, number] = [grid, grid];

/** A line that was let go over the empty canvas: whatever is chosen next stands there and is led to. */
export interface OpenEnd {
  readonly from: string;
  readonly port: string;
  readonly spot: Spot;
}

interface BuilderCanvasProps {
  readonly graph: FlowGraph;
  readonly manifests: ReadonlyMap<string, NodeManifest>;
  readonly issues: readonly Issue[];
  readonly orientation: Orientation;
  readonly selection: Selection;
  readonly label: string;
  readonly onSelect: (selection: Selection) => void;
  readonly onPlace: (places: ReadonlyMap<string, Place>) => void;
  readonly onConnect: (drawn: Drawn) => void;
  readonly onRefuse: (why: string) => void;
  readonly onOpenEnd: (end: OpenEnd) => void;
  readonly onDropKind: (kind: string, spot: Spot, frame: string | undefined) => void;
}

/** The drawing to edit: cards move on the grid, lines snap to where they may lead, and say why where they may not. */
export const BuilderCanvas = ({
  graph,
  manifests,
  issues,
  orientation,
  selection,
  label,
  onSelect,
  onPlace,
  onConnect,
  onRefuse,
  onOpenEnd,
  onDropKind,
}: BuilderCanvasProps) => {
  const { screenToFlowPosition } = useReactFlow();
  const elements = useMemo(
    () => toReactFlow({ graph, manifests, steps: null, issues, selectedId: null, editing: { orientation } }),
    [graph, manifests, issues, orientation],
  );
  // While cards are dragged they are ahead of the drawing, which takes them over when they are let go.
  const [cards, setCards] = useState<readonly CardNode[]>(elements.nodes);
  const [drawn, setDrawn] = useState(elements);
  if (drawn !== elements) {
    setDrawn(elements);
    setCards(keepEqual(cards, elements.nodes));
  }
  const nodes = useMemo(() => withSelected(cards, selection.nodes), [cards, selection.nodes]);
  const edges = useMemo(() => withSelected(elements.edges, selection.edges), [elements.edges, selection.edges]);

  const changeNodes = (changes: NodeChange<CardNode>[]): void => {
    const selecting = changes.flatMap((change) => (change.type === 'select' ? [change] : []));
    const rest = changes.filter(({ type }) => type !== 'select' && type !== 'remove');
    if (rest.length > 0) setCards((last) => applyNodeChanges(rest, [...last]));
    if (selecting.length > 0) onSelect({ ...selection, nodes: changed(selection.nodes, selecting) });
  };
  const changeEdges = (changes: EdgeChange<WireEdge>[]): void => {
    const selecting = changes.flatMap((change) => (change.type === 'select' ? [change] : []));
    if (selecting.length > 0) onSelect({ ...selection, edges: changed(selection.edges, selecting) });
  };
  const land = (moved: readonly CardNode[]): void => {
    const places = landingOf(graph, manifests, nodes, moved);
    if (places.size > 0) onPlace(places);
    else setCards(elements.nodes);
  };
  const toDrawn = (connection: {
    readonly source: string;
    readonly sourceHandle?: string | null;
    readonly target: string;
  }): Drawn => ({
    from: connection.source as Drawn['from'],
    port: connection.sourceHandle ?? 'out',
    to: connection.target as Drawn['to'],
  });
  const endLine = (event: MouseEvent | TouchEvent, state: FinalConnectionState): void => {
    const from = state.fromNode?.id;
    const port = state.fromHandle?.id ?? 'out';
    if (from === undefined || state.fromHandle?.type !== 'source' || state.isValid === true) return;
    if (state.toNode) {
      const why = whyNotConnect(
        graph,
        manifests,
        toDrawn({ source: from, sourceHandle: port, target: state.toNode.id }),
      );
      if (why !== null) onRefuse(why);
      return;
    }
    const point = 'changedTouches' in event ? event.changedTouches[0] : event;
    if (point) onOpenEnd({ from, port, spot: snap(screenToFlowPosition({ x: point.clientX, y: point.clientY })) });
  };
  const drop = (event: DragEvent): void => {
    const kind = event.dataTransfer.getData(draggedKind);
    if (kind === '') return;
    event.preventDefault();
    const point = screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const frame = frameAt(nodes, point, new Set());
    onDropKind(kind, snap({ x: point.x - (frame?.x ?? 0), y: point.y - (frame?.y ?? 0) }), frame?.id);
  };

  return (
    <>
      <ArrowHeads />
      <ReactFlow
        aria-label={label}
        className="builder-canvas"
        nodes={nodes as CardNode[]}
        edges={edges as WireEdge[]}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={changeNodes}
        onEdgesChange={changeEdges}
        onNodeDragStop={(_, __, moved) => land(moved)}
        onSelectionDragStop={(_, moved) => land(moved)}
        onConnect={(connection) => onConnect(toDrawn(connection))}
        onConnectEnd={endLine}
        isValidConnection={(connection) => whyNotConnect(graph, manifests, toDrawn(connection)) === null}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes(draggedKind)) return;
          event.preventDefault();
          event.dataTransfer.dropEffect = 'copy';
        }}
        onDrop={drop}
        snapToGrid
        snapGrid={snapGrid}
        connectionRadius={36}
        minZoom={0.2}
        maxZoom={1.6}
        nodesFocusable={false}
        edgesFocusable
        deleteKeyCode={null}
        disableKeyboardA11y
        zoomOnDoubleClick={false}
        onlyRenderVisibleElements={graph.nodes.length > manyCards}
        attributionPosition="bottom-left"
      >
        <Background variant={BackgroundVariant.Dots} gap={grid} size={1.6} color="var(--line)" />
        <MiniMap
          pannable
          zoomable
          ariaLabel="Small map of the drawing"
          position="bottom-right"
          className="!mb-16 hidden overflow-hidden rounded-md border border-line opacity-85 sm:block"
          style={{ width: 132, height: 92 }}
          nodeColor="var(--line-strong)"
          maskColor="var(--veil)"
          bgColor="var(--surface)"
        />
        <ZoomPanel />
        <Opening nodes={nodes as CardNode[]} />
      </ReactFlow>
    </>
  );
};

const changed = (
  ids: ReadonlySet<string>,
  changes: readonly { readonly id: string; readonly selected: boolean }[],
): ReadonlySet<string> => {
  const next = new Set(ids);
  for (const { id, selected } of changes) {
    if (selected) next.add(id);
    else next.delete(id);
  }
  return next;
};

/** The same objects wherever nothing changes: whatever is not the same is drawn again. */
const withSelected = <Element extends { readonly id: string; readonly selected?: boolean }>(
  elements: readonly Element[],
  ids: ReadonlySet<string>,
): readonly Element[] =>
  elements.map((element) =>
    (element.selected ?? false) === ids.has(element.id) ? element : { ...element, selected: ids.has(element.id) },
  );

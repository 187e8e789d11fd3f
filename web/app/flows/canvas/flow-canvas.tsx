import type { FlowGraph, Issue } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import {
  Background,
  BackgroundVariant,
  Panel,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import { Maximize, Minus, Plus } from 'lucide-react';
import { useMemo } from 'react';
import { Button } from '#app/components/ui/button.tsx';
import { Skeleton } from '#app/components/ui/skeleton.tsx';
import { useIsInBrowser } from '#app/time/use-now.ts';
import { FlowEdge } from './flow-edge.tsx';
import { FlowNode } from './flow-node.tsx';
import type { StepView } from './step-view.ts';
import { type CardNode, cardWidth, toReactFlow, type WireEdge } from './to-react-flow.ts';

const nodeTypes = { card: FlowNode };
const edgeTypes = { wire: FlowEdge };
const fit = { padding: 0.1, maxZoom: 1, minZoom: 0.3 };
/** Below this zoom a card's words cannot be read: the canvas then opens at one card instead of the whole. */
const readableZoom = 0.58;
const closeUpZoom = 0.78;
/** Above this, cards outside the view are left out of the page. */
const manyCards = 200;

const ArrowHeads = () => (
  <svg aria-hidden className="absolute size-0">
    <defs>
      {(['plain', 'open', 'taken', 'dead', 'error'] as const).map((state) => (
        <marker
          key={state}
          id={`wire-end-${state}`}
          viewBox="0 0 8 8"
          refX="6.5"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto-start-reverse"
        >
          <path d="M0.5 0.5 7 4 0.5 7.5Z" className={`flow-arrow flow-arrow-${state}`} />
        </marker>
      ))}
    </defs>
  </svg>
);

const ZoomPanel = () => {
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  return (
    <Panel
      position="bottom-right"
      className="!m-3 flex rounded-md border border-line bg-[var(--glass)] p-0.5 backdrop-blur-md"
    >
      <Button
        variant="quiet"
        size="sm"
        aria-label="Smaller"
        icon={<Minus size={15} />}
        onClick={() => void zoomOut()}
      />
      <Button variant="quiet" size="sm" aria-label="Larger" icon={<Plus size={15} />} onClick={() => void zoomIn()} />
      <Button
        variant="quiet"
        size="sm"
        aria-label="Show the whole flow"
        icon={<Maximize size={15} />}
        onClick={() => void fitView(fit)}
      />
    </Panel>
  );
};

export interface FlowCanvasProps {
  readonly graph: FlowGraph;
  readonly manifests: readonly NodeManifest[];
  readonly steps?: ReadonlyMap<string, StepView> | null;
  readonly issues?: readonly Issue[];
  readonly selectedId: string | null;
  readonly onSelect: (nodeId: string) => void;
  /** What is drawn, for those who do not see it. */
  readonly label: string;
}

const noIssues: readonly Issue[] = [];

/** The drawing of a flow, to look at: pan, zoom, and choose a card with pointer or keyboard. */
export const FlowCanvas = ({
  graph,
  manifests,
  steps = null,
  issues = noIssues,
  selectedId,
  onSelect,
  label,
}: FlowCanvasProps) => {
  // The canvas has to measure, which the server cannot.
  const isInBrowser = useIsInBrowser();
  const byKind = useMemo(() => new Map(manifests.map((manifest) => [manifest.kind, manifest])), [manifests]);
  const elements = useMemo(
    () => toReactFlow({ graph, manifests: byKind, steps, issues, selectedId }),
    [graph, byKind, steps, issues, selectedId],
  );
  if (!isInBrowser) return <CanvasSkeleton />;

  const openReadably = (flow: ReactFlowInstance<CardNode, WireEdge>): void => {
    const card = elements.nodes.find((node) => node.selected) ?? elements.nodes[0];
    if (!card || flow.getZoom() >= readableZoom) return;
    void flow.setCenter(card.position.x + cardWidth / 2, card.position.y + card.data.height, { zoom: closeUpZoom });
  };
  return (
    <ReactFlowProvider>
      <ArrowHeads />
      <ReactFlow
        aria-label={label}
        nodes={elements.nodes}
        edges={elements.edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, node) => onSelect(node.id)}
        fitView
        fitViewOptions={fit}
        onInit={openReadably}
        minZoom={0.2}
        maxZoom={1.6}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        disableKeyboardA11y
        onlyRenderVisibleElements={graph.nodes.length > manyCards}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={22} size={1.6} color="var(--line)" />
        <ZoomPanel />
      </ReactFlow>
    </ReactFlowProvider>
  );
};

export const CanvasSkeleton = () => (
  <div aria-hidden className="flex h-full flex-col items-center justify-center gap-11">
    <Skeleton className="h-20 w-[220px]" />
    <Skeleton className="h-20 w-[220px]" />
    <span className="flex gap-7">
      <Skeleton className="h-20 w-[220px]" />
      <Skeleton className="hidden h-20 w-[220px] sm:block" />
    </span>
  </div>
);

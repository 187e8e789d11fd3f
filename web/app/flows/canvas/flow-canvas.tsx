import type { FlowGraph, Issue } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import {
  Background,
  BackgroundVariant,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useStore,
  useReactFlow,
} from '@xyflow/react';
import { Maximize, Minus, Plus } from 'lucide-react';
import { useEffect, useEffectEvent, useMemo } from 'react';
import { Button } from '#app/components/ui/button.tsx';
import { Skeleton } from '#app/components/ui/skeleton.tsx';
import { useIsInBrowser } from '#app/time/use-now.ts';
import { FlowEdge } from './flow-edge.tsx';
import { FlowNode } from './flow-node.tsx';
import { fit, openingViewport } from './opening-viewport.ts';
import type { StepView } from './step-view.ts';
import { type CardNode, toReactFlow } from './to-react-flow.ts';

const nodeTypes = { card: FlowNode };
const edgeTypes = { wire: FlowEdge };
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

/** Puts the drawing into view once, as soon as the canvas knows its own size; from then on it is the reader's to move. */
const Opening = ({ nodes }: { readonly nodes: CardNode[] }) => {
  const { viewportInitialized, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const isReady = viewportInitialized && width > 0 && height > 0;
  const open = useEffectEvent(() => setViewport(openingViewport(nodes, { width, height })));
  useEffect(() => {
    if (isReady) void open();
  }, [isReady]);
  return null;
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
        attributionPosition="bottom-left"
      >
        <Background variant={BackgroundVariant.Dots} gap={22} size={1.6} color="var(--line)" />
        <ZoomPanel />
        <Opening nodes={elements.nodes} />
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

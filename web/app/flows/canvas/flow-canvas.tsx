import type { FlowGraph, Issue } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { Background, BackgroundVariant, ReactFlow, ReactFlowProvider } from '@xyflow/react';
import { useMemo } from 'react';
import { Skeleton } from '#app/components/ui/skeleton.tsx';
import { useIsInBrowser } from '#app/time/use-now.ts';
import { ArrowHeads } from './arrow-heads.tsx';
import { FlowEdge } from './flow-edge.tsx';
import { FlowNode } from './flow-node.tsx';
import { Opening } from './opening.tsx';
import type { StepView } from './step-view.ts';
import { type CanvasChanges, toReactFlow } from './to-react-flow.ts';
import { ZoomPanel } from './zoom-panel.tsx';

const nodeTypes = { card: FlowNode };
const edgeTypes = { wire: FlowEdge };
/** Above this, cards outside the view are left out of the page. */
const manyCards = 200;

export interface FlowCanvasProps {
  readonly graph: FlowGraph;
  readonly manifests: readonly NodeManifest[];
  readonly steps?: ReadonlyMap<string, StepView> | null;
  readonly issues?: readonly Issue[];
  readonly changes?: CanvasChanges;
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
  changes,
  selectedId,
  onSelect,
  label,
}: FlowCanvasProps) => {
  // The canvas has to measure, which the server cannot.
  const isInBrowser = useIsInBrowser();
  const byKind = useMemo(() => new Map(manifests.map((manifest) => [manifest.kind, manifest])), [manifests]);
  const elements = useMemo(
    () => toReactFlow({ graph, manifests: byKind, steps, issues, selectedId, changes }),
    [graph, byKind, steps, issues, selectedId, changes],
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

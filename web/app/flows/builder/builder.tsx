import type { Flow } from '@everwave/schema/api';
import { coreManifests, type FlowGraph, validateFlow } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { useDeferredValue, useMemo, useReducer, useRef, useState } from 'react';
import { Button } from '#app/components/ui/button.tsx';
import { Notice } from '#app/components/ui/notice.tsx';
import { classNames } from '#app/words/class-names.ts';
import { isUnplaced, orientationOf } from '../canvas/layout-graph.ts';
import { cardWidth } from '../canvas/to-react-flow.ts';
import { BuilderCanvas } from './builder-canvas.tsx';
import { BuilderHeader } from './builder-header.tsx';
import { beginBuilding, drawingOf, reduceBuilder } from './builder-state.ts';
import { ConflictDialog } from './conflict-dialog.tsx';
import { applyEdit } from './drawing/edit.ts';
import { tidy } from './drawing/tidy.ts';
import { Palette } from './palette.tsx';
import type { UsableConnection } from './panel/connection-field.tsx';
import { FlowPanel } from './panel/flow-panel.tsx';
import { StepPanel } from './panel/step-panel.tsx';
import { PublishDialog } from './publish-dialog.tsx';
import { useAutosave } from './use-autosave.ts';
import { useDrawing } from './use-drawing.ts';
import { usePublish } from './use-publish.ts';
import { useShortcuts } from './use-shortcuts.ts';

interface BuilderProps {
  readonly flow: Flow;
  readonly manifests: readonly NodeManifest[];
  readonly connections: readonly UsableConnection[] | null;
}

const core = new Set(coreManifests.map(({ kind }) => kind));

/** What nobody has placed arranges itself; that alone is no change. */
const placed = (graph: FlowGraph): FlowGraph =>
  graph.nodes.length > 1 && isUnplaced(graph)
    ? applyEdit(graph, { type: 'place', places: tidy(graph, () => ({ width: cardWidth, height: 78 })) })
    : graph;

/** Where one flow is drawn: palette, canvas, and the form of what is selected. */
export const Builder = ({ flow, manifests, connections }: BuilderProps) => {
  const [state, dispatch] = useReducer(reduceBuilder, null, () =>
    beginBuilding({ revision: flow.draftRevision, graph: placed(flow.graph) }),
  );
  const graph = drawingOf(state);
  const [orientation] = useState(() => orientationOf(graph));
  const byKind = useMemo(() => new Map(manifests.map((manifest) => [manifest.kind, manifest])), [manifests]);
  const others = useMemo(() => manifests.filter(({ kind }) => !core.has(kind)), [manifests]);
  const checked = useDeferredValue(graph);
  const issues = useMemo(
    () => validateFlow(checked, others, { flowId: flow.id, ...(connections && { connections }) }),
    [checked, others, connections, flow.id],
  );
  const drawing = useDrawing({ graph, manifests: byKind, selection: state.selection, dispatch });
  const autosave = useAutosave(`/workflows/${flow.id}/draft`, state, dispatch);
  const publishing = usePublish(autosave);
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const searchRef = useRef<HTMLInputElement>(null);
  const findStep = (): void => {
    setPaletteOpen(true);
    requestAnimationFrame(() => searchRef.current?.focus());
  };
  useShortcuts({
    undo: () => dispatch({ type: 'undo' }),
    redo: () => dispatch({ type: 'redo' }),
    remove: drawing.remove,
    selectAll: () => drawing.select(graph.nodes.map(({ id }) => id)),
    findStep,
    deselect: () => {
      drawing.setOpenEnd(null);
      drawing.select([]);
    },
    nudge: drawing.nudge,
    copy: drawing.copy,
    paste: drawing.paste,
  });

  const { selected, openEnd } = drawing;
  const openEndTitle = openEnd && graph.nodes.find(({ id }) => id === openEnd.from)?.title;
  const { trouble } = state;
  return (
    <div className="-mx-4 -mt-6 -mb-28 flex h-[calc(100dvh-112px)] flex-col sm:-mx-6 lg:-mx-8 lg:-mb-12 lg:h-[calc(100dvh-52px)]">
      <BuilderHeader
        name={flow.name}
        back={`/workflows/${flow.id}?drawing=draft`}
        state={state}
        dispatch={dispatch}
        isSaving={autosave.isSaving}
        isPaletteOpen={isPaletteOpen}
        onPalette={() => setPaletteOpen(!isPaletteOpen)}
        onArrange={drawing.arrange}
        onPublish={publishing.open}
      />
      {trouble?.type === 'refused' ? (
        <div className="p-3">
          <Notice tone="bad" title={trouble.title} role="alert">
            {trouble.detail}{' '}
            <Button size="sm" onClick={() => void autosave.flush()}>
              Try again
            </Button>
          </Notice>
        </div>
      ) : null}
      <div className="relative flex min-h-0 flex-1 flex-col lg:flex-row">
        <aside
          aria-label="Steps to add"
          className={classNames(
            'shrink-0 border-line bg-surface lg:block lg:w-60 lg:border-r',
            isPaletteOpen ? 'absolute inset-0 z-20 lg:static' : 'hidden',
          )}
        >
          <Palette
            manifests={manifests}
            searchRef={searchRef}
            follows={openEndTitle ?? selected?.title ?? null}
            onChoose={(manifest) => {
              setPaletteOpen(false);
              drawing.add(manifest);
            }}
          />
        </aside>
        <section aria-label="Canvas" className="relative min-h-64 min-w-0 flex-1">
          <BuilderCanvas
            graph={graph}
            manifests={byKind}
            issues={issues}
            orientation={orientation}
            selection={state.selection}
            label={`Drawing of ${flow.name}`}
            onSelect={(selection) => dispatch({ type: 'select', selection })}
            onPlace={(places) => drawing.edit({ type: 'place', places })}
            onConnect={drawing.connect}
            onRefuse={drawing.refuse}
            onOpenEnd={(end) => {
              drawing.setOpenEnd(end);
              findStep();
            }}
            onDropKind={(kind, spot, frame) => {
              const manifest = byKind.get(kind);
              if (manifest) drawing.drop(manifest, spot, frame);
            }}
          />
          {graph.nodes.length === 0 ? (
            <p className="pointer-events-none absolute inset-0 grid place-items-center px-6 text-center text-ink-2">
              Every flow begins with what starts it: choose a trigger among the steps.
            </p>
          ) : null}
          {drawing.refusal ? (
            <p
              role="alert"
              className="absolute top-3 left-1/2 z-10 max-w-[90%] -translate-x-1/2 rounded-md border border-bad/40 bg-surface px-3 py-2 text-bad shadow-over"
            >
              {drawing.refusal}
            </p>
          ) : null}
        </section>
        <aside
          aria-label={selected ? 'Step' : 'Flow'}
          className="max-h-[55%] shrink-0 overflow-y-auto border-t border-line bg-surface lg:max-h-none lg:w-[380px] lg:border-t-0 lg:border-l"
        >
          {selected ? (
            <StepPanel
              key={selected.id}
              graph={graph}
              manifests={byKind}
              node={selected}
              issues={issues.filter(({ nodeId }) => nodeId === selected.id)}
              connections={connections}
              onChange={(change, changed) =>
                drawing.edit({ type: 'change', nodeId: selected.id, change }, { changed: `${selected.id}.${changed}` })
              }
              onConnect={drawing.connect}
              onDisconnect={drawing.disconnect}
              onCopy={drawing.duplicate}
              onRemove={drawing.remove}
              onClose={() => drawing.select([])}
            />
          ) : (
            <FlowPanel
              graph={graph}
              issues={issues}
              onShow={({ nodeId }) => {
                if (nodeId === undefined) return;
                drawing.select([nodeId]);
                drawing.show(nodeId);
              }}
              onConfigure={(settings, changed) =>
                drawing.edit({ type: 'configure', settings }, { changed: `settings.${changed}` })
              }
            />
          )}
        </aside>
      </div>
      {trouble?.type === 'conflict' ? (
        <ConflictDialog
          base={state.saved.graph}
          mine={graph}
          theirs={trouble.theirs}
          onSettle={(settled) => dispatch({ type: 'settle', graph: settled, theirs: trouble.theirs })}
        />
      ) : null}
      {publishing.isOpen ? (
        <PublishDialog
          flowName={flow.name}
          liveVersion={flow.version}
          issues={issues}
          problem={publishing.problem}
          isBusy={publishing.isBusy}
          onPublish={(note) => void publishing.publish(note)}
          onClose={publishing.close}
        />
      ) : null}
    </div>
  );
};

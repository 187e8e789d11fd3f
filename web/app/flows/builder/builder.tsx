import type { Flow } from '@everwave/schema/api';
import { coreManifests, type FlowGraph, type Issue, validateFlow } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { useReactFlow } from '@xyflow/react';
import { LayoutGrid, Plus, Redo2, Undo2 } from 'lucide-react';
import { useDeferredValue, useMemo, useReducer, useRef, useState } from 'react';
import { useFetcher } from 'react-router';
import { Notice } from '#app/components/ui/notice.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import { classNames } from '#app/words/class-names.ts';
import { isUnplaced, orientationOf } from '../canvas/layout-graph.ts';
import { cardWidth } from '../canvas/to-react-flow.ts';
import { BuilderCanvas, type OpenEnd } from './builder-canvas.tsx';
import { beginBuilding, drawingOf, hasUnsaved, reduceBuilder } from './builder-state.ts';
import { ConflictDialog } from './conflict-dialog.tsx';
import { copySteps, pasteSteps, readSteps } from './drawing/clipboard.ts';
import { applyEdit, type Edit, type NodeChange } from './drawing/edit.ts';
import { grid, type Spot } from './drawing/grid.ts';
import { idsOf, newEdgeId, newNode } from './drawing/new-node.ts';
import { tidy } from './drawing/tidy.ts';
import { type Drawn, whyNotConnect } from './drawing/why-not-connect.ts';
import type { UsableConnection } from './panel/connection-field.tsx';
import { FlowPanel } from './panel/flow-panel.tsx';
import { StepPanel } from './panel/step-panel.tsx';
import { Palette } from './palette.tsx';
import { PublishDialog } from './publish-dialog.tsx';
import type { action } from './route.tsx';
import { SaveState } from './save-state.tsx';
import { useAutosave } from './use-autosave.ts';
import { useShortcuts } from './use-shortcuts.ts';

interface BuilderProps {
  readonly flow: Flow;
  readonly manifests: readonly NodeManifest[];
  readonly connections: readonly UsableConnection[] | null;
}

const core = new Set(coreManifests.map(({ kind }) => kind));
const cardSize = { width: cardWidth, height: 78 };

/** Where one flow is drawn: palette, canvas, and the form of what is selected. */
export const Builder = ({ flow, manifests, connections }: BuilderProps) => {
  const [state, dispatch] = useReducer(reduceBuilder, null, () =>
    beginBuilding({ revision: flow.draftRevision, graph: placed(flow.graph) }),
  );
  const graph = drawingOf(state);
  const [orientation] = useState(() => orientationOf(graph));
  const byKind = useMemo(() => new Map(manifests.map((manifest) => [manifest.kind, manifest])), [manifests]);
  const checked = useDeferredValue(graph);
  const issues = useMemo(
    () =>
      validateFlow(
        checked,
        manifests.filter(({ kind }) => !core.has(kind)),
        { flowId: flow.id, ...(connections && { connections }) },
      ),
    [checked, manifests, connections, flow.id],
  );
  const autosave = useAutosave(`/workflows/${flow.id}/draft`, state, dispatch);
  const publishing = useFetcher<typeof action>({ key: 'publish' });
  const [isPublishing, setPublishing] = useState(false);
  const [openEnd, setOpenEnd] = useState<OpenEnd | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const searchRef = useRef<HTMLInputElement>(null);
  const { setCenter, getInternalNode } = useReactFlow();
  const toast = useToast();

  const selectedIds = state.selection.nodes;
  const [onlyId] = selectedIds.size === 1 ? selectedIds : [];
  const selected = graph.nodes.find(({ id }) => id === onlyId) ?? null;
  const edit = (done: Edit, options: { readonly changed?: string; readonly select?: readonly string[] } = {}) => {
    setRefusal(null);
    dispatch({ type: 'edit', edit: done, ...options });
  };
  const select = (ids: readonly string[]) =>
    dispatch({ type: 'select', selection: { nodes: new Set(ids), edges: new Set() } });
  const connect = (drawn: Drawn): void => {
    const why = whyNotConnect(graph, byKind, drawn);
    if (why !== null) setRefusal(why);
    else edit({ type: 'connect', edge: { id: newEdgeId(idsOf(graph.edges), drawn), ...drawn } });
  };
  const show = (id: string): void => {
    const found = getInternalNode(id);
    if (!found) return;
    const { x, y } = found.internals.positionAbsolute;
    void setCenter(x + cardWidth / 2, y + 40, { zoom: 1, duration: 160 });
  };
  const add = (manifest: NodeManifest, spot?: Spot, parent?: string): void => {
    setPaletteOpen(false);
    if (openEnd) return addAtOpenEnd(manifest, openEnd);
    const after = spot ? undefined : selected?.id;
    const { node, edges } = newNode(graph, byKind, manifest, { spot, parent, after });
    edit({ type: 'add', nodes: [node], edges }, { select: [node.id] });
    if (!spot) requestAnimationFrame(() => show(node.id));
  };
  const addAtOpenEnd = (manifest: NodeManifest, { from, port, spot }: OpenEnd): void => {
    setOpenEnd(null);
    const source = graph.nodes.find(({ id }) => id === from);
    const { node } = newNode(graph, byKind, manifest, { spot, parent: source?.parent });
    const drawn: Drawn = { from: from as Drawn['from'], port, to: node.id };
    const grown = { ...graph, nodes: [...graph.nodes, node] };
    const why = whyNotConnect(grown, byKind, drawn);
    if (why !== null) return setRefusal(why);
    const edge = { id: newEdgeId(idsOf(graph.edges), drawn), ...drawn };
    edit({ type: 'add', nodes: [node], edges: [edge] }, { select: [node.id] });
  };
  const remove = () => {
    const { nodes, edges } = state.selection;
    if (nodes.size + edges.size > 0) edit({ type: 'remove', nodeIds: nodes, edgeIds: edges });
  };
  const paste = (text: string): boolean => {
    const clip = readSteps(text);
    if (!clip) return false;
    const pasted = pasteSteps(graph, clip);
    edit({ type: 'add', ...pasted }, { select: pasted.nodes.map(({ id }) => id) });
    return true;
  };
  const copy = (): string | null => copySteps(graph, selectedIds);
  const duplicate = () => {
    const text = copy();
    if (text !== null) paste(text);
  };
  const arrange = () => {
    const heights = new Map(graph.nodes.map(({ id }) => [id as string, getInternalNode(id)?.measured.height ?? 78]));
    const sizeOf = (id: string) => ({ width: cardWidth, height: heights.get(id) ?? 78 });
    edit({ type: 'place', places: tidy(graph, sizeOf) });
  };
  const findStep = () => {
    setPaletteOpen(true);
    requestAnimationFrame(() => searchRef.current?.focus());
  };
  const nudge = (x: number, y: number): void => {
    const moved = graph.nodes.filter(({ id }) => selectedIds.has(id));
    const places = new Map(
      moved.map(({ id, position, parent }) => [
        id as string,
        { x: position.x + x * grid, y: position.y + y * grid, parent },
      ]),
    );
    if (places.size > 0) edit({ type: 'place', places }, { changed: `nudge ${[...places.keys()].join()}` });
  };
  useShortcuts({
    undo: () => dispatch({ type: 'undo' }),
    redo: () => dispatch({ type: 'redo' }),
    remove,
    selectAll: () => select(graph.nodes.map(({ id }) => id)),
    findStep,
    deselect: () => {
      setOpenEnd(null);
      select([]);
    },
    nudge,
    copy,
    paste,
  });

  const publish = async (note: string): Promise<void> => {
    const saved = await autosave.flush();
    if (!saved) return;
    void publishing.submit({ note, draftRevision: saved.revision }, { method: 'post', encType: 'application/json' });
  };
  const published = publishing.data?.ok ? publishing.data.value.version : null;
  const [announced, setAnnounced] = useState<number | null>(null);
  if (published !== null && published !== announced) {
    setAnnounced(published);
    setPublishing(false);
    toast(`Version ${published} is live.`);
  }

  const issuesOf = (nodeId: string): readonly Issue[] => issues.filter((issue) => issue.nodeId === nodeId);
  const openEndTitle = openEnd && graph.nodes.find(({ id }) => id === openEnd.from)?.title;
  const { history, trouble } = state;
  return (
    <div className="-mx-4 -mt-6 -mb-28 flex h-[calc(100dvh-112px)] flex-col sm:-mx-6 lg:-mx-8 lg:-mb-12 lg:h-[calc(100dvh-52px)]">
      <header className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2">
        <h1 className="mr-2 min-w-0 truncate font-semibold">{flow.name}</h1>
        <SaveState
          isSaving={autosave.isSaving}
          isUnsaved={hasUnsaved(state)}
          isUnreachable={trouble?.type === 'unreachable'}
        />
        <span className="ml-auto flex items-center gap-1">
          <Button
            variant="quiet"
            size="sm"
            className="lg:hidden"
            icon={<Plus size={15} aria-hidden />}
            aria-expanded={isPaletteOpen}
            onClick={() => setPaletteOpen(!isPaletteOpen)}
          >
            Step
          </Button>
          <Button
            variant="quiet"
            size="sm"
            aria-label="Undo"
            title="Undo (Ctrl Z)"
            disabled={history.past.length === 0}
            icon={<Undo2 size={15} />}
            onClick={() => dispatch({ type: 'undo' })}
          />
          <Button
            variant="quiet"
            size="sm"
            aria-label="Redo"
            title="Redo (Ctrl Shift Z)"
            disabled={history.future.length === 0}
            icon={<Redo2 size={15} />}
            onClick={() => dispatch({ type: 'redo' })}
          />
          <Button
            variant="quiet"
            size="sm"
            aria-label="Tidy up the drawing"
            title="Tidy up"
            disabled={graph.nodes.length < 2}
            icon={<LayoutGrid size={15} />}
            onClick={arrange}
          />
          <ButtonLink size="sm" to={`/workflows/${flow.id}?drawing=draft`}>
            Done
          </ButtonLink>
          <Button variant="primary" size="sm" onClick={() => setPublishing(true)}>
            Publish
          </Button>
        </span>
      </header>
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
            onChoose={(manifest) => add(manifest)}
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
            onPlace={(places) => edit({ type: 'place', places })}
            onConnect={connect}
            onRefuse={setRefusal}
            onOpenEnd={(end) => {
              setOpenEnd(end);
              findStep();
            }}
            onDropKind={(kind, spot, frame) => {
              const manifest = byKind.get(kind);
              setOpenEnd(null);
              if (manifest) add(manifest, spot, frame);
            }}
          />
          {graph.nodes.length === 0 ? (
            <p className="pointer-events-none absolute inset-0 grid place-items-center px-6 text-center text-ink-2">
              Every flow begins with what starts it: choose “Webhook” or “By hand” on the left.
            </p>
          ) : null}
          {refusal ? (
            <p
              role="alert"
              className="absolute top-3 left-1/2 z-10 max-w-[90%] -translate-x-1/2 rounded-md border border-bad/40 bg-surface px-3 py-2 text-bad shadow-over"
            >
              {refusal}
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
              issues={issuesOf(selected.id)}
              connections={connections}
              onChange={(change: NodeChange, changed) =>
                edit({ type: 'change', nodeId: selected.id, change }, { changed: `${selected.id}.${changed}` })
              }
              onConnect={connect}
              onDisconnect={(edgeId) => edit({ type: 'remove', nodeIds: new Set(), edgeIds: new Set([edgeId]) })}
              onCopy={duplicate}
              onRemove={remove}
              onClose={() => select([])}
            />
          ) : (
            <FlowPanel
              graph={graph}
              issues={issues}
              onShow={({ nodeId }) => {
                if (nodeId === undefined) return;
                select([nodeId]);
                show(nodeId);
              }}
              onConfigure={(settings, changed) =>
                edit({ type: 'configure', settings }, { changed: `settings.${changed}` })
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
      {isPublishing ? (
        <PublishDialog
          flowName={flow.name}
          liveVersion={flow.version}
          issues={issues}
          problem={publishing.data && !publishing.data.ok ? publishing.data.problem : null}
          isBusy={publishing.state !== 'idle' || autosave.isSaving}
          onPublish={(note) => void publish(note)}
          onClose={() => setPublishing(false)}
        />
      ) : null}
    </div>
  );
};

/** What nobody has placed arranges itself; that alone is no change. */
const placed = (graph: FlowGraph): FlowGraph =>
  graph.nodes.length > 1 && isUnplaced(graph)
    ? applyEdit(graph, { type: 'place', places: tidy(graph, () => cardSize) })
    : graph;

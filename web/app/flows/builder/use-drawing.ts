import type { FlowGraph } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { useReactFlow } from '@xyflow/react';
import { type Dispatch, useState } from 'react';
import { cardWidth } from '../canvas/to-react-flow.ts';
import type { OpenEnd } from './builder-canvas.tsx';
import type { BuilderAction, Selection } from './builder-state.ts';
import { copySteps, pasteSteps, readSteps } from './drawing/clipboard.ts';
import type { Edit } from './drawing/edit.ts';
import { grid, type Spot } from './drawing/grid.ts';
import { idsOf, newEdgeId, newNode } from './drawing/new-node.ts';
import { tidy } from './drawing/tidy.ts';
import { type Drawn, whyNotConnect } from './drawing/why-not-connect.ts';

interface DrawingOptions {
  readonly graph: FlowGraph;
  readonly manifests: ReadonlyMap<string, NodeManifest>;
  readonly selection: Selection;
  readonly dispatch: Dispatch<BuilderAction>;
}

const usualHeight = 78;

/** What a person can do to the drawing, by pointer, keys and forms alike. */
export const useDrawing = ({ graph, manifests, selection, dispatch }: DrawingOptions) => {
  const [openEnd, setOpenEnd] = useState<OpenEnd | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { setCenter, getInternalNode } = useReactFlow();
  const [onlyId] = selection.nodes.size === 1 ? selection.nodes : [];
  const selected = graph.nodes.find(({ id }) => id === onlyId) ?? null;

  const edit = (done: Edit, options: { readonly changed?: string; readonly select?: readonly string[] } = {}): void => {
    setRefusal(null);
    dispatch({ type: 'edit', edit: done, ...options });
  };
  const select = (ids: readonly string[]): void => {
    dispatch({ type: 'select', selection: { nodes: new Set(ids), edges: new Set() } });
  };
  const placeOf = (id: string | undefined): Spot => {
    const found = id === undefined ? undefined : getInternalNode(id);
    return found ? found.internals.positionAbsolute : { x: 0, y: 0 };
  };
  const show = (id: string): void => {
    if (!getInternalNode(id)) return;
    const { x, y } = placeOf(id);
    void setCenter(x + cardWidth / 2, y + usualHeight / 2, { zoom: 1, duration: 160 });
  };
  const connect = (drawn: Drawn): void => {
    const why = whyNotConnect(graph, manifests, drawn);
    if (why !== null) setRefusal(why);
    else edit({ type: 'connect', edge: { id: newEdgeId(idsOf(graph.edges), drawn), ...drawn } });
  };
  /** At the end of a line that was let go over the empty canvas. */
  const addAt = (manifest: NodeManifest, { from, port, spot }: OpenEnd): void => {
    setOpenEnd(null);
    const parent = graph.nodes.find(({ id }) => id === from)?.parent;
    const frame = placeOf(parent);
    const inFrame = { x: spot.x - frame.x, y: spot.y - frame.y };
    const { node } = newNode(graph, manifests, manifest, { spot: inFrame, parent });
    const drawn: Drawn = { from: from as Drawn['from'], port, to: node.id };
    const why = whyNotConnect({ ...graph, nodes: [...graph.nodes, node] }, manifests, drawn);
    if (why !== null) return setRefusal(why);
    const edge = { id: newEdgeId(idsOf(graph.edges), drawn), ...drawn };
    edit({ type: 'add', nodes: [node], edges: [edge] }, { select: [node.id] });
  };
  const add = (manifest: NodeManifest): void => {
    if (openEnd) return addAt(manifest, openEnd);
    const { node, edges } = newNode(graph, manifests, manifest, { after: selected?.id });
    edit({ type: 'add', nodes: [node], edges }, { select: [node.id] });
    requestAnimationFrame(() => show(node.id));
  };
  const drop = (manifest: NodeManifest, spot: Spot, parent: string | undefined): void => {
    setOpenEnd(null);
    const { node } = newNode(graph, manifests, manifest, { spot, parent });
    edit({ type: 'add', nodes: [node], edges: [] }, { select: [node.id] });
  };
  const remove = (): void => {
    const { nodes, edges } = selection;
    if (nodes.size + edges.size > 0) edit({ type: 'remove', nodeIds: nodes, edgeIds: edges });
  };
  const copy = (): string | null => copySteps(graph, selection.nodes);
  const paste = (text: string): boolean => {
    const clip = readSteps(text);
    if (!clip) return false;
    const pasted = pasteSteps(graph, clip);
    edit({ type: 'add', ...pasted }, { select: pasted.nodes.map(({ id }) => id) });
    return true;
  };
  const nudge = (x: number, y: number): void => {
    const moved = graph.nodes.filter(({ id }) => selection.nodes.has(id));
    const places = new Map(
      moved.map(({ id, position, parent }) => [
        id as string,
        { x: position.x + x * grid, y: position.y + y * grid, parent },
      ]),
    );
    if (places.size > 0) edit({ type: 'place', places }, { changed: `nudge ${[...places.keys()].join()}` });
  };
  const arrange = (): void => {
    const heightOf = (id: string): number => getInternalNode(id)?.measured.height ?? usualHeight;
    edit({ type: 'place', places: tidy(graph, (id) => ({ width: cardWidth, height: heightOf(id) })) });
  };

  return {
    selected,
    refusal,
    refuse: setRefusal,
    openEnd,
    setOpenEnd,
    edit,
    select,
    show,
    connect,
    add,
    drop,
    remove,
    copy,
    paste,
    nudge,
    arrange,
    duplicate: () => void paste(copy() ?? ''),
    disconnect: (edgeId: string) => edit({ type: 'remove', nodeIds: new Set(), edgeIds: new Set([edgeId]) }),
  };
};

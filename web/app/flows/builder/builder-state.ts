import type { FlowGraph } from '@everwave/schema/flow';
import { applyEdit, type Edit } from './drawing/edit.ts';
import { beginHistory, type History, push, redo, undo } from './drawing/history.ts';

/** A draft as the api last confirmed it. */
export interface Saved {
  readonly revision: number;
  readonly graph: FlowGraph;
}

/** What stands in the way of saving, where something does. */
export type SaveTrouble =
  /** Somebody else has saved meanwhile: what the draft is now. */
  | { readonly type: 'conflict'; readonly theirs: Saved }
  | { readonly type: 'refused'; readonly title: string; readonly detail: string }
  /** It is tried again by itself. */
  | { readonly type: 'unreachable' };

export interface Selection {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

export interface BuilderState {
  readonly history: History;
  readonly selection: Selection;
  readonly saved: Saved;
  readonly trouble: SaveTrouble | null;
}

export type BuilderAction =
  /** `changed` names a field, so that its letters are undone together. */
  | { readonly type: 'edit'; readonly edit: Edit; readonly changed?: string; readonly select?: readonly string[] }
  | { readonly type: 'undo' }
  | { readonly type: 'redo' }
  | { readonly type: 'select'; readonly selection: Selection }
  | { readonly type: 'saved'; readonly saved: Saved }
  | { readonly type: 'trouble'; readonly trouble: SaveTrouble }
  /** The person has decided between their drawing and somebody else's: `graph` goes on from `theirs`. */
  | { readonly type: 'settle'; readonly graph: FlowGraph; readonly theirs: Saved };

const nothing: Selection = { nodes: new Set(), edges: new Set() };

export const beginBuilding = (saved: Saved): BuilderState => ({
  history: beginHistory(saved.graph),
  selection: nothing,
  saved,
  trouble: null,
});

export const drawingOf = ({ history }: BuilderState): FlowGraph => history.present;

export const hasUnsaved = ({ history, saved }: BuilderState): boolean => history.present !== saved.graph;

/** All that a builder does, without a screen: pure, so that undo is nothing but an earlier value. */
export const reduceBuilder = (state: BuilderState, action: BuilderAction): BuilderState => {
  switch (action.type) {
    case 'edit': {
      const history = push(state.history, applyEdit(state.history.present, action.edit), action.changed ?? null);
      const selection = action.select
        ? { nodes: new Set(action.select), edges: new Set<string>() }
        : stillThere(state.selection, history.present);
      // What the api has refused may be right now.
      const trouble = state.trouble?.type === 'refused' ? null : state.trouble;
      return { ...state, history, selection, trouble };
    }
    case 'undo':
      return turnedTo(state, undo(state.history));
    case 'redo':
      return turnedTo(state, redo(state.history));
    case 'select':
      return isSameSelection(state.selection, action.selection) ? state : { ...state, selection: action.selection };
    case 'saved':
      return { ...state, saved: action.saved, trouble: null };
    case 'trouble':
      return { ...state, trouble: action.trouble };
    case 'settle':
      return {
        ...turnedTo(state, push(state.history, action.graph)),
        saved: action.theirs,
        trouble: null,
      };
  }
};

const turnedTo = (state: BuilderState, history: History): BuilderState => ({
  ...state,
  history,
  selection: stillThere(state.selection, history.present),
});

/** Without what is no longer drawn. */
const stillThere = (selection: Selection, { nodes, edges }: FlowGraph): Selection => {
  const next = { nodes: among(selection.nodes, nodes), edges: among(selection.edges, edges) };
  return isSameSelection(selection, next) ? selection : next;
};

const among = (ids: ReadonlySet<string>, things: readonly { readonly id: string }[]): ReadonlySet<string> =>
  new Set(things.map(({ id }) => id).filter((id) => ids.has(id)));

const isSameSelection = (one: Selection, other: Selection): boolean =>
  isSameSet(one.nodes, other.nodes) && isSameSet(one.edges, other.edges);

const isSameSet = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((id) => other.has(id));

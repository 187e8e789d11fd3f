import { flowGraphSchema } from '@everwave/schema/flow';
import { type Dispatch, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useBlocker } from 'react-router';
import * as z from 'zod';
import { type BuilderAction, type BuilderState, drawingOf, hasUnsaved, type Saved } from './builder-state.ts';

const savedSchema = z.object({ revision: z.int(), graph: flowGraphSchema });
const replySchema = z.union([
  z.object({ ok: z.literal(true), value: savedSchema }),
  z.object({
    ok: z.literal(false),
    problem: z.object({ status: z.int(), code: z.string(), title: z.string(), detail: z.string() }),
  }),
]);

/** Milliseconds of quiet after which a change is saved, and after which a failed save is tried again. */
const quiet = 700;
const again = 4_000;

export interface Autosave {
  readonly isSaving: boolean;
  /** Saves at once what is not saved yet. Resolves with the draft that the api has then; null when it has refused. */
  readonly flush: () => Promise<Saved | null>;
}

const ask = async (address: string, saved: Saved, graph: Saved['graph']): Promise<BuilderAction> => {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ draftRevision: saved.revision, graph }),
  });
  if (response.redirected || response.status === 401) {
    const detail = 'Sign in again in another tab; what you drew stays here.';
    return { type: 'trouble', trouble: { type: 'refused', title: 'You are signed out', detail } };
  }
  const reply = replySchema.parse(await response.json());
  // The revision is the api's; the drawing is the one that was sent, so that what came since is still unsaved.
  if (reply.ok) return { type: 'saved', saved: { revision: reply.value.revision, graph } };
  if (reply.problem.code === 'draft_changed') {
    const theirs = savedSchema.parse(await (await fetch(address)).json());
    return { type: 'trouble', trouble: { type: 'conflict', theirs } };
  }
  const { status, title, detail } = reply.problem;
  if (status >= 500 || status === 429) return { type: 'trouble', trouble: { type: 'unreachable' } };
  return { type: 'trouble', trouble: { type: 'refused', title, detail } };
};

/** Keeps the draft of the api as new as the drawing: one save at a time, the newest drawing each time. */
export const useAutosave = (address: string, state: BuilderState, dispatch: Dispatch<BuilderAction>): Autosave => {
  const [isSaving, setSaving] = useState(false);
  const underWay = useRef<Promise<Saved | null> | null>(null);
  const latest = useRef(state);
  useEffect(() => {
    latest.current = state;
  });
  const unsaved = hasUnsaved(state);
  const drawing = drawingOf(state);
  const isBlocked = state.trouble?.type === 'conflict' || state.trouble?.type === 'refused';

  const save = useEffectEvent(async (): Promise<Saved | null> => {
    const { saved } = latest.current;
    const graph = drawingOf(latest.current);
    setSaving(true);
    let action: BuilderAction;
    try {
      action = await ask(address, saved, graph);
    } catch {
      action = { type: 'trouble', trouble: { type: 'unreachable' } };
    }
    setSaving(false);
    dispatch(action);
    return action.type === 'saved' ? action.saved : null;
  });

  const flush = useEffectEvent(async (): Promise<Saved | null> => {
    await underWay.current;
    if (!hasUnsaved(latest.current)) return latest.current.saved;
    underWay.current = save().finally(() => {
      underWay.current = null;
    });
    return underWay.current;
  });

  useEffect(() => {
    if (!unsaved || isBlocked || isSaving) return;
    const timer = setTimeout(() => void flush(), state.trouble ? again : quiet);
    return () => clearTimeout(timer);
  }, [unsaved, isBlocked, isSaving, drawing, state.trouble]);

  // Whoever leaves before the last letters are saved is asked first.
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [unsaved]);

  const blocker = useBlocker(unsaved);
  const leave = useEffectEvent(async () => {
    const saved = isBlocked ? null : await flush();
    if (saved || confirm('Your last changes are not saved. Leave all the same?')) blocker.proceed?.();
    else blocker.reset?.();
  });
  useEffect(() => {
    if (blocker.state === 'blocked') void leave();
  }, [blocker.state]);

  return { isSaving, flush: () => flush() };
};

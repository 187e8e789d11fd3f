import { useEffect, useEffectEvent } from 'react';

/** What keys do while nothing is typed. */
export interface Shortcuts {
  readonly undo: () => void;
  readonly redo: () => void;
  readonly remove: () => void;
  readonly selectAll: () => void;
  readonly findStep: () => void;
  readonly deselect: () => void;
  /** In steps of the grid. */
  readonly nudge: (x: number, y: number) => void;
  /** Null when nothing is selected. */
  readonly copy: () => string | null;
  /** False when the text is not steps. */
  readonly paste: (text: string) => boolean;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.closest('input, textarea, select, [role="dialog"]') !== null || target.isContentEditable);

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Of the canvas: its cards have the focus, or nothing has. */
const isOnCanvas = (target: EventTarget | null): boolean =>
  target === document.body || (target instanceof Element && target.closest('.builder-canvas') !== null);

export const useShortcuts = (shortcuts: Shortcuts): void => {
  const press = useEffectEvent((event: KeyboardEvent): void => {
    if (isTyping(event.target)) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const act = (does: () => void): void => {
      event.preventDefault();
      does();
    };
    if (isCommand && key === 'z') return act(event.shiftKey ? shortcuts.redo : shortcuts.undo);
    if (isCommand && key === 'y') return act(shortcuts.redo);
    if (isCommand && key === 'a') return act(shortcuts.selectAll);
    if (isCommand || event.altKey) return;
    if (key === '/') return act(shortcuts.findStep);
    if (!isOnCanvas(event.target)) return;
    if (key === 'delete' || key === 'backspace') return act(shortcuts.remove);
    if (key === 'escape') return act(shortcuts.deselect);
    const arrow = arrows[event.key];
    if (arrow) act(() => shortcuts.nudge(...arrow));
  });
  const copy = useEffectEvent((event: ClipboardEvent, isCut: boolean): void => {
    if (isTyping(event.target) || String(document.getSelection()) !== '') return;
    const text = shortcuts.copy();
    if (text === null) return;
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    if (isCut) shortcuts.remove();
  });
  const paste = useEffectEvent((event: ClipboardEvent): void => {
    if (isTyping(event.target)) return;
    if (shortcuts.paste(event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault();
  });
  useEffect(() => {
    const onCopy = (event: ClipboardEvent) => copy(event, false);
    const onCut = (event: ClipboardEvent) => copy(event, true);
    const onPaste = (event: ClipboardEvent) => paste(event);
    const onPress = (event: KeyboardEvent) => press(event);
    document.addEventListener('keydown', onPress);
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCut);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('keydown', onPress);
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCut);
      document.removeEventListener('paste', onPaste);
    };
  }, []);
};

import { useSyncExternalStore } from 'react';
import { formatRelative } from '#app/words/time.ts';

const tick = 5_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let current = Date.now();

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  current = Date.now();
  timer ??= setInterval(() => {
    current = Date.now();
    for (const each of listeners) each();
  }, tick);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
};

/** The time in Unix ms, renewed every few seconds for all who read it; the server's own clock while rendering there. */
export const useNow = (): number =>
  useSyncExternalStore(
    subscribe,
    () => current,
    () => Date.now(),
  );

/** A moment as `3 min ago`, with the exact time in the reader's zone on hover. */
export const TimeAgo = ({ at }: { readonly at: string }) => {
  const now = useNow();
  const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' }).format(new Date(at));
  return (
    // Server and browser read different clocks and zones; the browser's text wins at its first tick.
    <time dateTime={at} title={exact} suppressHydrationWarning className="whitespace-nowrap">
      {formatRelative(Date.parse(at), now)}
    </time>
  );
};

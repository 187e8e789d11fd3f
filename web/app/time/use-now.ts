import { createContext, useContext, useSyncExternalStore } from 'react';

/**
 * When the server rendered the page, in Unix ms. The browser's first pass reads the same moment, so that both draw the
 * same page; its own clock takes over right after.
 */
export const RenderedAt = createContext(0);

interface Clock {
  readonly subscribe: (listener: () => void) => () => void;
  readonly read: () => number;
}

/** One timer for all who watch it, and none while nobody does. */
const createClock = (every: number): Clock => {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let now = Date.now();
  return {
    read: () => now,
    subscribe: (listener) => {
      listeners.add(listener);
      now = Date.now();
      timer ??= setInterval(() => {
        now = Date.now();
        for (const each of listeners) each();
      }, every);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
};

const stopped = Date.now();
const clocks = {
  calm: createClock(5_000),
  quick: createClock(1_000),
  /** For what has ended: costs no timer. */
  stopped: { subscribe: () => () => {}, read: () => stopped },
} as const satisfies Readonly<Record<string, Clock>>;

/** Now, in Unix ms, renewed as often as the clock ticks. */
export const useNow = (clock: keyof typeof clocks): number => {
  const renderedAt = useContext(RenderedAt);
  return useSyncExternalStore(clocks[clock].subscribe, clocks[clock].read, () => renderedAt);
};

const never = () => () => {};

/** False on the server and in the browser's first pass; for what only the browser knows, such as the reader's zone. */
export const useIsInBrowser = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );

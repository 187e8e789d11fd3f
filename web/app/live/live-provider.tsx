import { type RunEvent, runEventSchema } from '@everwave/schema/api';
import { createContext, type ReactNode, useContext, useEffect, useEffectEvent, useReducer, useRef } from 'react';
import { useRevalidator } from 'react-router';
import { initialLiveState, type LiveState, nextLiveState, wantsStream } from './live-state.ts';

const pollEvery = 4_000;
const retryStreamEvery = 30_000;
const reconnectAfter = 1_000;
/** Several events within this time cause one reload of the page's data. */
const settleFor = 250;

type Listener = (event: RunEvent) => void;

interface Live {
  readonly state: LiveState;
  readonly listen: (listener: Listener) => () => void;
}

const LiveContext = createContext<Live | null>(null);

/** Reloads the page's data soon, once for many calls; calls during a reload cause one more after it. */
const useSettledRevalidation = (): (() => void) => {
  const { revalidate, state } = useRevalidator();
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const again = useRef(false);
  const isBusy = state !== 'idle';

  const ask = useEffectEvent(() => {
    if (isBusy) {
      again.current = true;
      return;
    }
    if (timer.current) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      void revalidate();
    }, settleFor);
  });

  useEffect(() => {
    if (isBusy || !again.current) return;
    again.current = false;
    ask();
  }, [isBusy]);
  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current);
    },
    [],
  );
  return ask;
};

interface LiveProviderProps {
  /** Path of the stream that concerns the page in view. */
  readonly stream: string;
  readonly children: ReactNode;
}

/**
 * Keeps the page in view current. One stream per visible tab: browsers allow few connections to one server, and a hidden
 * tab needs none. What an event says is shown at once by those who listen; the page's data follows by a reload.
 */
export const LiveProvider = ({ stream, children }: LiveProviderProps) => {
  const [state, dispatch] = useReducer(nextLiveState, initialLiveState);
  const listeners = useRef(new Set<Listener>());
  const revalidateSoon = useSettledRevalidation();
  const hasStream = wantsStream(state);
  const isPolling = state.mode === 'polling';

  const receive = useEffectEvent((message: MessageEvent<string>) => {
    const parsed = runEventSchema.safeParse(JSON.parse(message.data));
    if (!parsed.success) return;
    for (const listener of listeners.current) listener(parsed.data);
    revalidateSoon();
  });
  const opened = useEffectEvent((isFirst: boolean) => {
    dispatch('opened');
    // What happened while nobody listened.
    if (!isFirst) revalidateSoon();
  });

  useEffect(() => {
    if (!hasStream) return;
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let isFirst = true;
    const open = (): void => {
      source = new EventSource(stream);
      source.addEventListener('run', receive);
      source.onopen = () => {
        opened(isFirst);
        isFirst = false;
      };
      source.onerror = () => {
        dispatch('failed');
        if (source?.readyState !== EventSource.CLOSED) return;
        timer = setTimeout(open, reconnectAfter);
      };
    };
    open();
    return () => {
      source?.close();
      if (timer) clearTimeout(timer);
    };
  }, [hasStream, stream]);

  useEffect(() => {
    if (!isPolling) return;
    const poll = setInterval(revalidateSoon, pollEvery);
    const retry = setInterval(() => dispatch('retried'), retryStreamEvery);
    return () => {
      clearInterval(poll);
      clearInterval(retry);
    };
  }, [isPolling]);

  const shown = useEffectEvent(() => {
    dispatch('shown');
    revalidateSoon();
  });
  useEffect(() => {
    const onVisibility = (): void => (document.hidden ? dispatch('hidden') : shown());
    const onOffline = (): void => dispatch('went-offline');
    const onOnline = (): void => dispatch('came-online');
    document.addEventListener('visibilitychange', onVisibility);
    window.addEventListener('offline', onOffline);
    window.addEventListener('online', onOnline);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('offline', onOffline);
      window.removeEventListener('online', onOnline);
    };
  }, []);

  const listen = useRef((listener: Listener) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  }).current;

  return <LiveContext value={{ state, listen }}>{children}</LiveContext>;
};

export const useLiveState = (): LiveState => useContext(LiveContext)?.state ?? initialLiveState;

/** Calls back for each run event of the page's stream, before the page's data is reloaded. */
export const useRunEvents = (listener: Listener): void => {
  const live = useContext(LiveContext);
  const listen = live?.listen;
  const receive = useEffectEvent(listener);
  useEffect(() => listen?.((event) => receive(event)), [listen]);
};

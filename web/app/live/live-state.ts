import { unreachable } from '#app/words/unreachable.ts';
/**
 * How a page learns of changes. `live`: the stream is open. `polling`: it could not be opened, so the page asks again every few
 * seconds and tries the stream now and then. `offline`: the browser has no network. `paused`: the tab is hidden.
 */
export type LiveState =
  | { readonly mode: 'connecting'; readonly failures: number }
  | { readonly mode: 'live' }
  | { readonly mode: 'polling' }
  | { readonly mode: 'offline' }
  | { readonly mode: 'paused' };

export type LiveEvent = 'opened' | 'failed' | 'went-offline' | 'came-online' | 'hidden' | 'shown' | 'retried';

/** After this many failures in a row the page stops waiting for the stream. */
const patience = 2;

const connecting: LiveState = { mode: 'connecting', failures: 0 };

export const initialLiveState: LiveState = connecting;

export const nextLiveState = (state: LiveState, event: LiveEvent): LiveState => {
  switch (event) {
    case 'opened':
      return { mode: 'live' };
    case 'failed': {
      if (state.mode === 'offline' || state.mode === 'paused' || state.mode === 'polling') return state;
      const failures = state.mode === 'connecting' ? state.failures + 1 : 1;
      return failures >= patience ? { mode: 'polling' } : { mode: 'connecting', failures };
    }
    case 'went-offline':
      return state.mode === 'paused' ? state : { mode: 'offline' };
    case 'came-online':
      return state.mode === 'offline' ? connecting : state;
    case 'hidden':
      return { mode: 'paused' };
    case 'shown':
      return state.mode === 'paused' ? connecting : state;
    case 'retried':
      return state.mode === 'polling' ? connecting : state;
    default:
      throw unreachable(event);
  }
};

/** Whether a stream should be open, or being opened, in this state. */
export const wantsStream = (state: LiveState): boolean => state.mode === 'connecting' || state.mode === 'live';

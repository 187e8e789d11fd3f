import { describe, expect, it } from 'vitest';
import { initialLiveState, type LiveEvent, type LiveState, nextLiveState, wantsStream } from './live-state.ts';

const after = (...events: readonly LiveEvent[]): LiveState => events.reduce(nextLiveState, initialLiveState);

describe('nextLiveState', () => {
  it('is live once the stream is open', () => {
    expect(after('opened')).toEqual({ mode: 'live' });
  });

  it('waits through one failure, and polls after two in a row', () => {
    expect(after('failed')).toEqual({ mode: 'connecting', failures: 1 });
    expect(after('failed', 'failed')).toEqual({ mode: 'polling' });
  });

  it('counts afresh after the stream was open', () => {
    expect(after('failed', 'opened', 'failed')).toEqual({ mode: 'connecting', failures: 1 });
  });

  it('tries the stream again from time to time while it polls', () => {
    expect(after('failed', 'failed', 'retried')).toEqual(initialLiveState);
    expect(after('failed', 'failed', 'retried', 'opened')).toEqual({ mode: 'live' });
  });

  it('neither streams nor polls without a network or in a hidden tab', () => {
    for (const state of [after('went-offline'), after('opened', 'hidden')]) {
      expect(wantsStream(state)).toBe(false);
      expect(nextLiveState(state, 'failed')).toBe(state);
    }
  });

  it('connects again when the network or the reader comes back', () => {
    expect(wantsStream(after('went-offline', 'came-online'))).toBe(true);
    expect(wantsStream(after('opened', 'hidden', 'shown'))).toBe(true);
  });

  it('stays paused when the network goes while the tab is hidden', () => {
    expect(after('hidden', 'went-offline')).toEqual({ mode: 'paused' });
  });
});

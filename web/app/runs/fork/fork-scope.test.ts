import type { Run } from '@everwave/schema/api';
import { describe, expect, it } from 'vitest';
import { againIn, toScope } from './fork-scope.ts';

const run = {
  id: 'run_2',
  parent: { runId: 'run_1', path: 'each[3].ship', ordinal: 1, waits: true },
} as unknown as Run;
const request = { from: 'send', outputs: { pack: 1 } };

describe('a sub-flow that is started again', () => {
  it('is asked for of the run around it, by the way that leads to the step', () => {
    expect(toScope(run, 'around', request)).toEqual({
      runId: 'run_1',
      request: { from: 'each[3].ship/send', outputs: { 'each[3].ship/pack': 1 } },
    });
    expect(toScope(run, 'alone', request)).toEqual({ runId: 'run_2', request });
  });

  it('shows of what runs again what is its own', () => {
    const step = { stepId: 'send', title: 'Send' };
    const again = [
      { ...step, path: 'tell' },
      { ...step, path: 'each[3].ship/send' },
    ];
    expect(againIn(run, 'around', { again }).map(({ path }) => path)).toEqual(['send']);
    expect(againIn(run, 'alone', { again })).toEqual(again);
  });
});

import type { Run } from '@everwave/schema/api';
import type { NodeManifest } from '@everwave/schema/node';
import { describe, expect, it } from 'vitest';
import { unservedBy } from './unserved-queues.ts';

const manifests = [
  { kind: 'code.run', activity: { taskQueue: 'code' } },
  { kind: 'http.request', activity: {} },
  { kind: 'control.condition', activity: null },
] as unknown as readonly NodeManifest[];
const runOf = (status: Run['status'], ...steps: [kind: string, status: string][]): Pick<Run, 'status' | 'steps'> => ({
  status,
  steps: steps.map(([kind, state]) => ({ kind, title: `A ${kind}`, status: state })) as unknown as Run['steps'],
});

describe('queues on which a run waits in vain', () => {
  it('are those on which one of its steps is to be executed now', () => {
    const run = runOf('running', ['code.run', 'running'], ['code.run', 'retrying'], ['http.request', 'succeeded']);
    expect(unservedBy(run, manifests, ['code', 'heavy'])).toEqual([{ queue: 'code', titles: ['A code.run'] }]);
    expect(unservedBy(run, manifests, [])).toEqual([]);
    expect(unservedBy(runOf('running', ['code.run', 'succeeded']), manifests, ['code'])).toEqual([]);
  });

  it('are the one of the runs themselves for every run that is open', () => {
    expect(unservedBy(runOf('queued'), manifests, ['flow'])).toEqual([{ queue: 'flow', titles: [] }]);
    expect(unservedBy(runOf('succeeded'), manifests, ['flow'])).toEqual([]);
  });
});

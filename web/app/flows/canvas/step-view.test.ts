import { expect, it } from 'vitest';
import type { Run, RunStep } from '@everwave/schema/api';
import { toStepViews } from './step-view.ts';

const step = (path: string, status: RunStep['status']): Partial<RunStep> => ({
  path,
  stepId: path.split('.').at(-1) ?? path,
  status,
  ordinal: 1,
  attempts: 1,
  kind: 'data.transform',
});

const runOf = (hiddenSteps: number, steps: Partial<RunStep>[]): Run =>
  ({ steps, hiddenSteps, trigger: { nodeId: 'start' }, createdAt: '2026-01-01T00:00:00Z' }) as unknown as Run;
const viewsOf = (...steps: Partial<RunStep>[]) => toStepViews(runOf(0, steps));

it('shows of a step in a loop the iteration that a person should see first, and how many are done', () => {
  const views = viewsOf(
    step('each[0].send', 'succeeded'),
    step('each[1].send', 'needs_attention'),
    step('each[2].send', 'running'),
    step('after', 'pending'),
  );
  expect(views.get('send')).toMatchObject({
    path: 'each[1].send',
    status: 'needs_attention',
    iterations: { done: 1, total: 3 },
  });
  expect(views.get('after')).toMatchObject({ iterations: null });
});

it('counts no iterations where some are left out', () => {
  const views = toStepViews(runOf(2_450, [step('each[0].send', 'succeeded'), step('each[1].send', 'succeeded')]));
  expect(views.get('send')).toMatchObject({ status: 'succeeded', iterations: null });
});

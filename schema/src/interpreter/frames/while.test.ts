import { describe, expect, it } from 'vitest';
import type { WhileStep } from '../../flow/plan.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const planOf = (changes: Partial<Pick<WhileStep, 'check' | 'maximumIterations' | 'condition'>> = {}) =>
  aPlan({
    steps: {
      pages: {
        type: 'while',
        condition: { left: '{{ steps.get.output.next }}', operator: 'exists' },
        check: 'after',
        maximumIterations: 3,
        result: null,
        ...changes,
      },
      get: anAction({ input: { page: '{{ loop.index }}', after: '{{ vars.next ? vars.next : "" }}' } }),
      keep: { type: 'setVariables', variables: { next: '{{ steps.get.output.next ? steps.get.output.next : "" }}' } },
      after: anAction(),
    },
    edges: ['start -> pages', 'get -> keep', 'pages -> after'],
    frames: { pages: ['get', 'keep'] },
  });

describe('while', () => {
  it('goes on until the condition no longer holds, which reads the iteration that has just ended', async () => {
    const run = await startRun(planOf());
    await run.succeed('pages[0].get', { next: 'b' });
    expect(run.commands()).toContainEqual(
      expect.objectContaining({ activityId: 'pages[1].get', input: { page: 1, after: 'b' } }),
    );
    await run.succeed('pages[1].get', {});
    expect(run.state().scopes['root']?.steps['pages']).toMatchObject({
      status: 'succeeded',
      output: { iterations: 2, result: { next: '' } },
    });
    expect(run.scheduled().at(-1)).toBe('after');
  });

  it('does nothing when the condition does not hold before the first iteration', async () => {
    const run = await startRun(planOf({ check: 'before' }));
    expect(run.scheduled()).toEqual(['after']);
    expect(run.state().scopes['root']?.steps['pages']?.output).toEqual({ iterations: 0, result: null });
  });

  it('fails after the most iterations it may have', async () => {
    const run = await startRun(planOf());
    for (const index of [0, 1, 2]) await run.succeed(`pages[${index}].get`, { next: 'more' });
    expect(run.state().scopes['root']?.steps['pages']).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'too_many_iterations' },
    });
    await run.repair({ action: 'completeStep', path: 'pages', output: { iterations: 3 } });
    expect(run.scheduled().at(-1)).toBe('after');
  });

  it('parks inside of an iteration, and goes on from there', async () => {
    const run = await startRun(planOf());
    await run.fail('pages[0].get');
    expect(run.state().status).toBe('needs_attention');
    await run.repair({ action: 'retryStep', path: 'pages[0].get' });
    await run.succeed('pages[0].get', {});
    expect(run.scheduled()).toEqual(['pages[0].get', 'pages[0].get~2', 'after']);
  });
});

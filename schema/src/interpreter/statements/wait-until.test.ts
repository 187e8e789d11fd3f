import { describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const planOf = (until: string) =>
  aPlan({
    steps: { pause: { type: 'waitUntil', until }, next: anAction() },
    edges: ['start -> pause', 'pause -> next'],
  });

describe('wait until', () => {
  it('waits until the moment, wherever its clock stands', async () => {
    const run = await startRun(planOf('{{ trigger.at }}'), { at: '2026-03-01T03:00:00+02:00' });
    expect(run.state().status).toBe('waiting');
    await run.wait(3_599_999);
    expect(run.scheduled()).toEqual([]);
    await run.wait(1);
    expect(run.scheduled()).toEqual(['next']);
    expect(run.state().scopes['root']?.steps['pause']?.output).toEqual({ until: '2026-03-01T01:00:00.000Z' });
  });

  it('does not wait for a moment that has passed', async () => {
    const run = await startRun(planOf('2020-01-01T00:00Z'));
    expect(run.scheduled()).toEqual(['next']);
  });

  it.each(['tomorrow', '2026-03-01', '2026-03-01T10:00', '2026-13-45T10:00Z', '2029-01-01T00:00Z'])(
    'parks at %s, and says what it takes',
    async (until) => {
      const run = await startRun(planOf(until));
      expect(run.state().status).toBe('needs_attention');
      expect(run.state().scopes['root']?.steps['pause']?.failure?.message).toMatch(/^until: /);
    },
  );
});

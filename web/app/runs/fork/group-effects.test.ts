import { describe, expect, it } from 'vitest';
import { acceptedOf, describeGroup, groupEffects } from './group-effects.ts';

const effect = (path: string, stepId: string, state: 'confirmed' | 'unsure' = 'confirmed') => ({
  path,
  stepId,
  title: stepId,
  state,
  isKept: false,
  at: '2026-11-21T09:14:27.000Z',
});
const effects = [effect('send', 'send'), effect('each[0].put', 'put'), effect('each[1].put', 'put', 'unsure')];

describe('effects that would happen again', () => {
  it('stand together by step, and say how many there were', () => {
    const groups = groupEffects({ effects });
    expect(groups.map((group) => [group.stepId, describeGroup(group)])).toEqual([
      ['send', 'happened'],
      ['put', '1 happened, 1 may have happened'],
    ]);
  });

  it('say of what was undone whether it is done again', () => {
    const undone = { ...effect('reserve', 'reserve'), state: 'undone' as const };
    const [again] = groupEffects({ effects: [undone] });
    const [kept] = groupEffects({ effects: [{ ...undone, isKept: true }] });
    expect([again, kept].map((group) => group && describeGroup(group))).toEqual([
      'happened, and was undone',
      'was undone, and is not done again',
    ]);
  });

  it('are accepted when every step is ticked', () => {
    const preview = { effects } as unknown as Parameters<typeof acceptedOf>[0];
    expect(acceptedOf(preview, new Set(['send']))).toBeNull();
    expect(acceptedOf(preview, new Set(['send', 'put']))).toEqual(['send', 'put']);
  });
});

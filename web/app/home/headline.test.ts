import { describe, expect, it } from 'vitest';
import { headline } from './headline.ts';

const runs = (...statuses: readonly ('succeeded' | 'failed' | 'running')[]) => statuses.map((status) => ({ status }));

describe('headline', () => {
  it('says first what needs somebody', () => {
    const lastDay = { runs: runs('succeeded', 'succeeded', 'failed', 'running'), isAll: true };
    expect(headline({ name: 'Mara Lindqvist', waiting: 1, lastDay })).toEqual({
      title: 'Mara, one step needs you',
      lead: '4 runs in the last 24 hours: 2 succeeded, 1 failed, 1 in progress.',
    });
  });

  it('is glad when nothing does', () => {
    expect(headline({ name: null, waiting: 0, lastDay: { runs: [], isAll: true } })).toEqual({
      title: 'Everything is flowing',
      lead: 'No run in the last 24 hours.',
    });
  });

  it('does not claim a count that it has not seen whole', () => {
    const lastDay = { runs: runs('succeeded'), isAll: false };
    expect(headline({ name: null, waiting: 3, lastDay }).lead).toMatch(/^More than 1 run /);
  });
});

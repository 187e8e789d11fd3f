import { describe, expect, it } from 'vitest';
import { areas, areaWord, filterQuery, readFilter } from './audit-filter.ts';

describe('the filter of the audit log', () => {
  it('is read from the address, and what is wrong there is not asked for', () => {
    expect(readFilter(new URLSearchParams('actor=Ada&action=flow&from=2026-11-21&until=tomorrow&target='))).toEqual({
      actor: 'Ada',
      action: 'flow',
      target: null,
      from: '2026-11-21',
      until: null,
    });
  });

  it('takes the last day whole', () => {
    const filter = readFilter(new URLSearchParams('from=2026-11-21&until=2026-11-21'));
    expect(filterQuery(filter)).toMatchObject({ from: '2026-11-21T00:00:00.000Z', until: '2026-11-22T00:00:00.000Z' });
  });

  it('offers each area once, in words', () => {
    expect(new Set(areas).size).toBe(areas.length);
    expect(areas).toContain('api_key');
    expect(areaWord('api_key')).toBe('Api key');
  });
});

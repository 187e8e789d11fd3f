import { describe, expect, it } from 'vitest';
import { inZone, timesInWords } from './times-in-words.ts';

const calendar = { time: '09:30', weekdays: [], monthDays: [], months: [] };

describe('the times of a schedule', () => {
  it.each([
    [{ cron: '30 9 * * MON-FRI' }, '30 9 * * MON-FRI'],
    [{ interval: 900_000 }, 'Every 15 minutes'],
    [{ interval: 86_400_000 }, 'Every day'],
    [{ interval: 90_000 }, 'Every 90 seconds'],
    [{ calendar }, 'Daily at 09:30'],
    [{ calendar: { ...calendar, weekdays: ['MON', 'FRI'], months: [1] } }, 'At 09:30, Mon, Fri, month 1'],
    [{ calendar: { ...calendar, monthDays: [1, 15] } }, 'At 09:30, day 1, 15'],
  ])('%j are %s', (times, words) => {
    expect(timesInWords({ times })).toBe(words);
  });

  it('are shown on the clocks of its zone', () => {
    expect(inZone('2026-03-28T01:30:00Z', 'Europe/Berlin')).toContain('02:30');
    expect(inZone('2026-03-29T01:30:00Z', 'Europe/Berlin')).toContain('03:30');
  });
});

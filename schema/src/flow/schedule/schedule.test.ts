import { describe, expect, it } from 'vitest';
import { aFlow, manifests } from '../testing/a-flow.ts';
import { validateFlow } from '../validate.ts';
import { cronProblem } from './cron-problem.ts';
import { scheduleOf } from './schedule-of.ts';
import { timeZoneProblem } from './time-zone-problem.ts';

const issuesOf = (input: object) =>
  validateFlow(
    aFlow({ clock: { kind: 'trigger.schedule', input } as never, after: { kind: 'web.fetch' } }, ['clock > after']),
    manifests,
  );
const codesOf = (input: object) => issuesOf(input).map(({ code, field }) => `${code}@${field}`);

describe('a schedule', () => {
  it('says its times in one of three ways', () => {
    expect(codesOf({ cron: '30 9 * * MON-FRI', timeZone: 'Europe/Berlin', jitter: '30s' })).toEqual([]);
    expect(codesOf({ interval: '15m', overlap: 'bufferOne' })).toEqual([]);
    expect(codesOf({ calendar: { time: '09:30', weekdays: ['MON'], months: [1, 7] } })).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    ['no times', {}, ['schedule_without_times@cron']],
    ['two ways at once', { cron: '@daily', interval: '1h' }, ['schedule_times_twice@interval']],
    ['a wrong cron', { cron: '61 * * * *' }, ['bad_cron@cron']],
    ['an expression as cron', { cron: '{{ trigger.body }}' }, ['invalid_value@cron', 'bad_cron@cron']],
    ['an unknown zone', { interval: '1h', timeZone: 'Mars/Base' }, ['bad_time_zone@timeZone']],
    ['a zone in other letters', { interval: '1h', timeZone: 'europe/berlin' }, ['bad_time_zone@timeZone']],
    ['an offset as zone', { interval: '1h', timeZone: '+01:00' }, ['bad_time_zone@timeZone']],
    ['too short an interval', { interval: '500ms' }, ['setting_out_of_bounds@interval']],
    ['no whole seconds', { interval: '1500ms' }, ['setting_out_of_bounds@interval']],
    ['too short a catch-up', { interval: '1h', catchUpWindow: '1s' }, ['setting_out_of_bounds@catchUpWindow']],
    ['an hour too many', { calendar: { time: '24:00' } }, ['invalid_value@calendar.time']],
    ['a typo', { interval: '1h', overlaps: 'skip' }, ['unknown_field@overlaps']],
  ])('is refused with %s', (_what, input, codes) => {
    expect(codesOf(input)).toEqual(codes);
  });

  it('is read in one shape', () => {
    expect(scheduleOf({ kind: 'trigger.manual', input: {} })).toBeNull();
    expect(scheduleOf({ kind: 'trigger.schedule', input: { interval: '15m' } })).toEqual({
      times: { interval: 900_000 },
      timeZone: 'UTC',
      overlap: 'skip',
      catchUpWindow: 600_000,
      jitter: 0,
      body: {},
    });
    expect(scheduleOf({ kind: 'trigger.schedule', input: { cron: ' @daily ', jitter: '5s' } })).toMatchObject({
      times: { cron: '@daily' },
      jitter: 5_000,
    });
  });
});

describe('a cron expression', () => {
  it.each(['* * * * *', '*/5 0-6/2 1,15 jan-MAR sun', '0 9 * * 7', '0 1 * * *', '@hourly', '5/10 * * * *'])(
    'may be %s',
    (cron) => {
      expect(cronProblem(cron)).toBeNull();
    },
  );

  it.each([
    [
      '* * * *',
      'A cron expression has five fields: minute, hour, day of the month, month, day of the week. This one has 4.',
    ],
    ['', 'This one has 0.'],
    ['60 * * * *', 'Field 1, the minute: "60" is no number from 0 to 59.'],
    ['0 9-5 * * *', 'Field 2, the hour: "9-5" ends before it begins.'],
    ['0 0 0 * *', 'Field 3, the day of the month: "0" is no number from 1 to 31.'],
    ['0 0 * JANUARY *', 'Field 4, the month: "JANUARY" is no number from 1 to 12, nor one of JAN, FEB,'],
    ['0 0 * * MON-', 'Field 5, the day of the week: "" is no number'],
    ['*/0 * * * *', 'the step of "*/0" is no whole number from 1.'],
    ['1,,2 * * * *', 'Field 1, the minute: "" is no number'],
    ['@noon', '@noon is none of @yearly,'],
  ])('is refused where it is wrong: %s', (cron, problem) => {
    expect(cronProblem(cron)).toContain(problem);
  });
});

describe('a time zone', () => {
  it('is one of the IANA database', () => {
    expect(
      ['UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'Etc/GMT+1', 'America/Argentina/Ushuaia'].map(timeZoneProblem),
    ).toEqual(Array.from({ length: 5 }, () => null));
    expect(timeZoneProblem('europe/berlin')).toBe('Write the time zone "europe/berlin" as Europe/Berlin.');
    expect(timeZoneProblem('Berlin')).toContain('"Berlin" is no time zone.');
  });
});

import * as api from '@everwave/schema/api';
import type { Context, Hono } from 'hono';
import { answer, problem } from './answers.ts';
import { idOf } from './ids.ts';
import type { World } from './world.ts';

export const schedulesOf = (now: number): api.ScheduleDetail[] => {
  const day = 86_400_000;
  const at = (days: number): string => new Date(Math.floor(now / day) * day + days * day + 5_400_000).toISOString();
  const schedule = (name: string, others: Partial<api.ScheduleDetail>): api.ScheduleDetail => ({
    id: idOf('trg', name),
    flowId: idOf('flow', 'New order'),
    flowName: 'New order',
    flowStatus: 'active',
    nodeId: 'clock',
    times: { cron: '30 2 * * *' },
    timeZone: 'Europe/Berlin',
    overlap: 'skip',
    catchUpWindow: 600_000,
    jitter: 0,
    pause: null,
    isApplied: true,
    lastError: null,
    lastFire: { scheduledAt: at(0), status: 'skipped', runId: null },
    nextTimes: Array.from({ length: api.timesShown }, (_, index) => at(index + 1)),
    ...others,
  });
  return [
    schedule('nightly prices', {}),
    schedule('weekly stock', {
      times: { calendar: { time: '09:30', weekdays: ['MON', 'THU'], monthDays: [], months: [] } },
      pause: { at: at(-2), by: 'Noor Haddad', reason: 'The warehouse counts its stock until Thursday.' },
      lastFire: null,
    }),
    schedule('hourly carts', {
      times: { interval: 3_600_000 },
      timeZone: 'UTC',
      isApplied: false,
      lastError: '14 UNAVAILABLE: No connection established',
      nextTimes: null,
    }),
  ];
};

/** The routes of schedules. */
export const addSchedules = (app: Hono, world: () => World): void => {
  const found = (c: Context, then: (schedule: api.ScheduleDetail) => Response): Response => {
    const schedule = world().schedules.find(({ id }) => id === c.req.param('scheduleId'));
    return schedule ? then(schedule) : problem(c, 404, 'schedule_not_found', 'There is no such schedule.');
  };
  const change = (c: Context, id: string, changed: Partial<api.ScheduleDetail>): Response => {
    const index = world().schedules.findIndex((each) => each.id === id);
    const next = { ...world().schedules[index], ...changed } as api.ScheduleDetail;
    world().schedules[index] = next;
    return answer(c, api.scheduleSchema, next);
  };
  app.get('/v1/schedules', (c) => {
    const flowId = c.req.query('flowId');
    const items = world().schedules.filter((each) => flowId === undefined || each.flowId === flowId);
    return answer(c, api.scheduleListSchema, { items, nextCursor: null });
  });
  app.get('/v1/schedules/:scheduleId', (c) => found(c, (each) => answer(c, api.scheduleSchema, each)));
  app.post('/v1/schedules/:scheduleId/pause', async (c) => {
    const { reason } = api.pauseScheduleRequestSchema.parse(await c.req.json());
    const pause = { at: new Date().toISOString(), by: world().me.user?.name ?? '', reason };
    return found(c, ({ id }) => change(c, id, { pause }));
  });
  app.post('/v1/schedules/:scheduleId/resume', (c) => found(c, ({ id }) => change(c, id, { pause: null })));
  app.post('/v1/schedules/:scheduleId/backfill', async (c) => {
    const { from, to } = api.backfillRequestSchema.parse(await c.req.json());
    if (from >= to) return problem(c, 422, 'backfill_refused', 'Correct from: It must lie before `to`.');
    return found(c, () => answer(c, api.backfilledSchema, { times: 3, started: 2, repeated: 1, skipped: 0 }));
  });
};

import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scheduleFlow } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let call: Call;

beforeAll(async () => {
  api = await createTestApi();
  org = await api.createOrg('Shop');
  call = await org.as('developer');
});
afterAll(() => api.close());

/** A published flow with a schedule, of which Temporal knows. */
const publish = async (input: Parameters<typeof scheduleFlow>[0] = { cron: '0 3 * * *' }) => {
  const flowId: string = (await call('POST /v1/flows', { name: 'On time', graph: scheduleFlow(input) })).body.id;
  expect((await call(`POST /v1/flows/${flowId}/publish`)).status).toBe(201);
  await api.dependencies.scheduleKeeper.round();
  const { items } = (await call(`GET /v1/schedules?flowId=${flowId}`)).body;
  return { flowId, id: items[0].id as string };
};

const days = (...numbers: number[]) => numbers.map((day) => new Date(Date.UTC(2026, 2, day, 3)));
const span = { from: '2026-03-01T00:00:00Z', to: '2026-03-31T00:00:00Z' };

describe('a schedule', () => {
  it('is shown with its next times, also while Temporal is away', async () => {
    const { id, flowId } = await publish({ cron: '0 3 * * *', timeZone: 'Europe/Berlin' });
    api.temporal.times = days(1, 2, 3);
    const shown = (await call(`GET /v1/schedules/${id}`)).body;
    expect(shown).toMatchObject({
      id,
      flowId,
      nodeId: 'clock',
      times: { cron: '0 3 * * *' },
      timeZone: 'Europe/Berlin',
      overlap: 'skip',
      isApplied: true,
      pause: null,
      lastFire: null,
      nextTimes: ['2026-03-01T03:00:00.000Z', '2026-03-02T03:00:00.000Z', '2026-03-03T03:00:00.000Z'],
    });
    api.temporal.down = true;
    expect((await call(`GET /v1/schedules/${id}`)).body).toEqual({ ...shown, nextTimes: null });
    api.temporal.down = false;
  });

  it('is told to Temporal once Temporal is back, and says so', async () => {
    api.temporal.down = true;
    const { id } = await publish();
    const waiting = (await call(`GET /v1/schedules/${id}`)).body;
    expect(waiting).toMatchObject({ isApplied: false, lastError: expect.stringContaining('UNAVAILABLE') });
    api.temporal.down = false;
    await withSystem(api.db, (tx) =>
      tx
        .update(tables.schedules)
        .set({ nextAttemptAt: new Date(0) })
        .where(eq(tables.schedules.triggerId, id)),
    );
    await api.dependencies.scheduleKeeper.round();
    expect((await call(`GET /v1/schedules/${id}`)).body).toMatchObject({ isApplied: true, lastError: null });
    expect(api.temporal.schedules.get(id)).toMatchObject({ isPaused: false });
  });

  it('is paused with a reason and resumed, beside the switch of its flow', async () => {
    const { id, flowId } = await publish();
    const inTemporal = async () => {
      await api.dependencies.scheduleKeeper.round();
      return api.temporal.schedules.get(id)?.isPaused;
    };
    expect((await call(`POST /v1/schedules/${id}/pause`, {})).status).toBe(400);
    const paused = await call(`POST /v1/schedules/${id}/pause`, { reason: 'Stocktaking.' });
    expect(paused.body.pause).toMatchObject({ reason: 'Stocktaking.' });
    expect(await inTemporal()).toBe(true);
    await call(`POST /v1/flows/${flowId}/deactivate`);
    await call(`POST /v1/schedules/${id}/resume`);
    expect(await inTemporal()).toBe(true);
    await call(`POST /v1/flows/${flowId}/activate`);
    expect(await inTemporal()).toBe(false);
    await call(`POST /v1/schedules/${id}/pause`, { reason: 'Stocktaking.' });
    // Publishing again leaves the pause.
    await call(`POST /v1/flows/${flowId}/publish`);
    expect(await inTemporal()).toBe(true);
    expect((await call(`POST /v1/schedules/${id}/resume`)).body.pause).toBeNull();
  });

  it('leaves Temporal with its step, and with a flow that is archived', async () => {
    const { id, flowId } = await publish();
    await call(`POST /v1/flows/${flowId}/archive`);
    await api.dependencies.scheduleKeeper.round();
    expect(api.temporal.schedules.has(id)).toBe(false);
    const gone = await call(`GET /v1/schedules/${id}`);
    expect([gone.status, gone.body.code]).toEqual([404, 'schedule_not_found']);
    await call(`POST /v1/flows/${flowId}/restore`);
    await api.dependencies.scheduleKeeper.round();
    expect(api.temporal.schedules.get(id)).toMatchObject({ isPaused: true });
  });

  it('starts a run now, also while it is paused, and none of a flow that is off', async () => {
    const { id, flowId } = await publish();
    await call(`POST /v1/schedules/${id}/pause`, { reason: 'Stocktaking.' });
    const started = await call(`POST /v1/schedules/${id}/trigger`);
    expect(started.status).toBe(202);
    const run = (await call(`GET /v1/runs/${started.body.runId}`)).body;
    expect(run).toMatchObject({ flowId, triggerKind: 'trigger.schedule' });
    await call(`POST /v1/flows/${flowId}/deactivate`);
    expect((await call(`POST /v1/schedules/${id}/trigger`)).body.code).toBe('flow_inactive');
  });

  it('makes up for the times of a span, each once', async () => {
    const { id, flowId } = await publish();
    api.temporal.times = days(1, 2, 3);
    const first = await call(`POST /v1/schedules/${id}/backfill`, span);
    expect([first.status, first.body]).toEqual([202, { times: 3, started: 3, repeated: 0, skipped: 0 }]);
    api.temporal.times = days(1, 2, 3, 4);
    const second = await call(`POST /v1/schedules/${id}/backfill`, span);
    expect(second.body).toEqual({ times: 4, started: 1, repeated: 3, skipped: 0 });
    expect((await call(`GET /v1/runs?flowId=${flowId}`)).body.items).toHaveLength(4);
    expect((await call(`GET /v1/schedules/${id}`)).body.lastFire.scheduledAt).toBe('2026-03-04T03:00:00Z');
  });

  it.each([
    ['ends before it begins', { from: span.to, to: span.from }, 'from'],
    ['lies in the future', { from: span.from, to: '2999-01-01T00:00:00Z' }, 'to'],
  ])('makes up for nothing when the span %s', async (_what, body, path) => {
    const { id } = await publish();
    const { status, body: refusal } = await call(`POST /v1/schedules/${id}/backfill`, body);
    expect([status, refusal.code, refusal.errors[0].path]).toEqual([422, 'backfill_refused', path]);
  });

  it('makes up for nothing when there are too many times, or Temporal is away', async () => {
    const { id, flowId } = await publish();
    api.temporal.times = Array.from({ length: 501 }, (_, index) => new Date(Date.UTC(2026, 2, 2) + index * 1_000));
    expect((await call(`POST /v1/schedules/${id}/backfill`, span)).body.code).toBe('backfill_refused');
    api.temporal.down = true;
    expect((await call(`POST /v1/schedules/${id}/backfill`, span)).status).toBe(503);
    api.temporal.down = false;
    expect((await call(`GET /v1/runs?flowId=${flowId}`)).body.items).toEqual([]);
  });

  it('is refused where it is wrong, with the field', async () => {
    const graph = scheduleFlow({ cron: '0 25 * * *', timeZone: 'Berlin' });
    const { id } = (await call('POST /v1/flows', { name: 'Wrong', graph })).body;
    const { status, body } = await call(`POST /v1/flows/${id}/publish`);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([
      { path: 'graph.nodes[0].input.cron', message: 'Field 2, the hour: "25" is no number from 0 to 23.' },
      { path: 'graph.nodes[0].input.timeZone', message: expect.stringContaining('"Berlin" is no time zone.') },
    ]);
  });
});

describe('what Temporal has otherwise', () => {
  it('is mended, and what belongs to nothing is removed', async () => {
    const { id } = await publish();
    await withSystem(api.db, (tx) => tx.update(tables.schedules).set({ appliedAt: new Date(0) }));
    const wanted = api.temporal.schedules.get(id);
    if (!wanted) throw new Error('Temporal has no such schedule.');
    api.temporal.schedules.set(id, { ...wanted, isPaused: true });
    const stray = `trg_${'0'.repeat(32)}`;
    api.temporal.schedules.set(stray, { ...wanted, triggerId: stray });
    const { createScheduleKeeper } = await import('../../schedules/schedule-keeper.ts');
    await createScheduleKeeper(api.dependencies).round();
    expect(api.temporal.schedules.get(id)).toEqual(wanted);
    expect(api.temporal.schedules.has(stray)).toBe(false);
  });
});

import { tables, withSystem } from '@everwave/schema/db';
import { scheduleIdOf } from '@everwave/schema/run';
import { and, asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiCaller, createApiCaller } from './api-caller.ts';
import { createHarness, eventually, type Harness } from './harness.ts';
import { createProcesses, type Processes } from './processes.ts';

// A real Temporal that fires, the real worker and the real api.

let harness: Harness;
let processes: Processes;
let caller: ApiCaller;
let api: Awaited<ReturnType<Processes['startApi']>>;

beforeAll(async () => {
  harness = await createHarness({ activities: {} });
  processes = createProcesses(harness);
  caller = await createApiCaller(harness, 'developer');
  api = await processes.startApi();
});
afterAll(async () => {
  processes.close();
  await harness.close();
});

const call = (method: string, path: string, body?: unknown) => caller.call(api.url, method, path, body);

const node = (id: string, kind: string, input: object) => ({ id, kind, title: id, input });

/** A published flow that a schedule starts; the run gives what it was started with. */
const publish = async (schedule: object, delay?: string) => {
  const steps = [
    node('clock', 'trigger.schedule', schedule),
    ...(delay ? [node('pause', 'control.delay', { duration: delay })] : []),
    node('done', 'control.return', { output: '{{ trigger }}' }),
  ];
  const edges = steps.slice(1).map((step, index) => ({ id: `e${index}`, from: steps[index]?.id, to: step.id }));
  const { id } = await call('POST', '/v1/flows', { name: 'On time', graph: { nodes: steps, edges } });
  await call('POST', `/v1/flows/${id}/publish`, {});
  const [trigger] = await withSystem(harness.db, (tx) =>
    tx.select().from(tables.triggers).where(eq(tables.triggers.flowId, id)),
  );
  if (!trigger) throw new Error('The flow has no trigger.');
  return { flowId: id as string, triggerId: trigger.id };
};

const runsOf = (flowId: string) =>
  withSystem(harness.db, (tx) =>
    tx
      .select({
        id: tables.runs.id,
        status: tables.runs.status,
        kind: tables.runs.triggerKind,
        scheduledAt: tables.deliveries.deliveryId,
      })
      .from(tables.runs)
      .innerJoin(tables.deliveries, eq(tables.deliveries.id, tables.runs.deliveryId))
      .where(eq(tables.runs.flowId, flowId))
      .orderBy(asc(tables.runs.id)),
  );

const inTemporal = async (triggerId: string) => {
  try {
    return await harness.client.schedule.getHandle(scheduleIdOf(harness.orgId, triggerId)).describe();
  } catch {
    return null;
  }
};

it('starts a run at each time, once, and stops when its flow is turned off', async () => {
  const { flowId, triggerId } = await publish({ interval: '1s', overlap: 'allow', body: { shop: 'north' } });
  const runs = await eventually(
    () => runsOf(flowId),
    (found) => found.filter(({ status }) => status === 'succeeded').length >= 3,
  );
  expect(runs.every(({ kind }) => kind === 'trigger.schedule')).toBe(true);
  const times = runs.map(({ scheduledAt }) => scheduledAt);
  expect(new Set(times).size).toBe(times.length);
  expect(times.every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time))).toBe(true);
  const { output } = await call('GET', `/v1/runs/${runs[0]?.id}`);
  expect(output).toMatchObject({ body: { shop: 'north' }, scheduledAt: times[0] });

  await call('POST', `/v1/flows/${flowId}/deactivate`);
  await eventually(
    () => inTemporal(triggerId),
    (found) => found?.state.paused === true,
  );
  const count = async () => (await runsOf(flowId)).length;
  let before = await count();
  // What had fired before may still be on its way.
  await eventually(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const now = await count();
      const isStill = now === before;
      before = now;
      return isStill;
    },
    (isStill) => isStill,
  );
});

it('skips a time while the last run is under way', async () => {
  const { flowId, triggerId } = await publish({ interval: '1s', overlap: 'skip' }, '1h');
  const skipped = () =>
    withSystem(harness.db, (tx) =>
      tx
        .select()
        .from(tables.deliveries)
        .where(and(eq(tables.deliveries.triggerId, triggerId), eq(tables.deliveries.status, 'skipped'))),
    );
  const rows = await eventually(skipped, (found) => found.length >= 2);
  expect(rows[0]?.lastError).toBe('The last run of the schedule was still under way.');
  expect(await runsOf(flowId)).toHaveLength(1);
  await call('POST', `/v1/flows/${flowId}/deactivate`);
});

it('is in Temporal as its row says, whatever happened to it there or to the process that was to tell', async () => {
  await processes.kill(api.process);
  api = await processes.startApi();
  const { flowId, triggerId } = await publish({ cron: '0 3 * * *', timeZone: 'Europe/Berlin' });
  // Killed right behind the commit: another process tells Temporal.
  await processes.kill(api.process);
  api = await processes.startApi();
  const first = await eventually(
    () => inTemporal(triggerId),
    (found) => found !== null,
  );
  expect(first?.spec.timezone).toBe('Europe/Berlin');
  expect(first?.policies.catchupWindow).toBe(600_000);

  await eventually(
    () => withSystem(harness.db, (tx) => tx.select().from(tables.schedules)),
    (rows) => rows.some((row) => row.triggerId === triggerId && row.appliedRevision === row.revision),
  );
  await withSystem(harness.db, (tx) =>
    tx
      .update(tables.schedules)
      .set({ appliedAt: new Date(Date.now() - 600_000) })
      .where(eq(tables.schedules.triggerId, triggerId)),
  );
  await harness.client.schedule.getHandle(scheduleIdOf(harness.orgId, triggerId)).delete();
  // Compares when it starts.
  await eventually(
    async () => {
      const ids = [];
      for await (const { scheduleId } of harness.client.schedule.list()) ids.push(scheduleId);
      return ids;
    },
    (ids) => !ids.includes(scheduleIdOf(harness.orgId, triggerId)),
  );
  await processes.kill(api.process);
  api = await processes.startApi();
  await eventually(
    () => inTemporal(triggerId),
    (found) => found !== null,
  );

  await call('POST', `/v1/flows/${flowId}/archive`);
  await eventually(
    () => inTemporal(triggerId),
    (found) => found === null,
  );
});

it('is paused and resumed, starts a run when asked, and makes up for each time of a span once', async () => {
  const { flowId, triggerId } = await publish({ cron: '*/10 * * * *', timeZone: 'Asia/Kathmandu', overlap: 'skip' });
  const path = `/v1/schedules/${triggerId}`;
  const shown = await eventually(
    () => call('GET', path),
    ({ nextTimes }) => nextTimes !== null,
  );
  const described = await inTemporal(triggerId);
  expect(shown.nextTimes).toEqual(described?.info.nextActionTimes.slice(0, 10).map((time) => time.toISOString()));
  expect(shown.nextTimes).toHaveLength(10);

  await call('POST', `${path}/pause`, { reason: 'Stocktaking.' });
  await eventually(
    () => inTemporal(triggerId),
    (found) => found?.state.paused === true,
  );
  const { runId } = await call('POST', `${path}/trigger`);
  const run = await eventually(
    () => call('GET', `/v1/runs/${runId}`),
    ({ status }) => status === 'succeeded',
  );
  expect(run).toMatchObject({ triggerKind: 'trigger.schedule', flowId });

  // Nepal is 5:45 ahead of UTC. Both ends of the span are times.
  const span = { from: '2026-03-01T00:05:00Z', to: '2026-03-01T00:55:00Z' };
  const [one, two] = await Promise.all([
    call('POST', `${path}/backfill`, span),
    call('POST', `${path}/backfill`, span),
  ]);
  expect([one.times, two.times, one.started + two.started]).toEqual([6, 6, 6]);
  const runs = await eventually(
    () => runsOf(flowId),
    (found) => found.length === 7 && found.every(({ status }) => status === 'succeeded'),
  );
  const times = runs.map(({ scheduledAt }) => scheduledAt).filter((time) => time.startsWith('2026-03-01'));
  expect(times.toSorted()).toEqual(
    ['00:05', '00:15', '00:25', '00:35', '00:45', '00:55'].map((time) => `2026-03-01T${time}:00Z`),
  );

  await call('POST', `${path}/resume`);
  await eventually(
    () => inTemporal(triggerId),
    (found) => found?.state.paused === false,
  );
  await call('POST', `/v1/flows/${flowId}/deactivate`);
});

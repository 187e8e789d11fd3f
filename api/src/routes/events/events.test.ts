import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { toId } from '@everwave/schema/ids';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEventDeliverer } from '../../dispatch/event-deliverer.ts';
import { webhookFlow } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

const { eventDeliveries, events, eventWaits, runs, runSteps } = tables;

let api: TestApi;
let org: TestOrg;
let operator: Call;

beforeAll(async () => {
  api = await createTestApi();
});
beforeEach(async () => {
  org = await api.createOrg();
  operator = await org.as('operator');
  api.temporal.delivered.length = 0;
  api.temporal.down = false;
  api.temporal.eventResult = { ok: true, reply: { status: 'taken' } };
});
afterAll(() => api.close());

const anEvent = (changes: object = {}) => ({
  id: 'pay_1',
  name: 'order.paid',
  correlationKey: 'A-1042',
  data: { amount: 129.9 },
  ...changes,
});
const send = (...given: object[]) => operator('POST /v1/events', { events: given });

interface Wait {
  readonly runId: string;
  readonly path: string;
  readonly correlationKey?: string;
  readonly seq?: number;
  readonly closedAt?: Date | null;
}

/** What the projection writes when a step begins to wait. */
const waitsIn = async ({ runId, path, correlationKey = 'A-1042', seq = 1, closedAt = null }: Wait): Promise<void> => {
  const place = { orgId: org.orgId, runId, path, ordinal: 1 };
  await withSystem(api.db, async (tx) => {
    const base = { ...place, stepId: path, status: 'waiting' as const, seq, temporalRunId: 'one' };
    await tx.insert(runSteps).values(base).onConflictDoNothing();
    await tx
      .insert(eventWaits)
      .values({ ...place, seq, eventName: 'order.paid', correlationKey, openedAt: new Date(), closedAt })
      .onConflictDoUpdate({ target: [eventWaits.runId, eventWaits.path, eventWaits.ordinal], set: { seq, closedAt } });
  });
};

const aRun = async (): Promise<string> => {
  const id = toId('run', randomUUIDv7());
  await withSystem(api.db, (tx) =>
    tx.insert(runs).values({
      id,
      orgId: org.orgId,
      flowId: toId('flow', randomUUIDv7()),
      flowVersion: 1,
      planHash: 'hash',
      status: 'waiting',
      triggerNodeId: 'start',
      triggerKind: 'trigger.manual',
      rootRunId: id,
      workflowId: `t/${org.orgId}/r/${id}`,
      triggerSealed: randomBytes(8),
    }),
  );
  return id;
};

const round = () => api.dependencies.eventDeliverer.round();
const deliver = async (): Promise<void> => {
  while ((await round()) > 0);
};
const deliveriesOf = (runId: string) =>
  withSystem(api.db, (tx) => tx.select().from(eventDeliveries).where(eq(eventDeliveries.runId, runId)));
const taken = () =>
  api.temporal.delivered.map(({ run, delivery }) => [run.runId, delivery.path, delivery.event.id] as const);
const due = (runId: string) =>
  withSystem(api.db, (tx) =>
    tx
      .update(eventDeliveries)
      .set({ nextAttemptAt: new Date(0) })
      .where(eq(eventDeliveries.runId, runId)),
  );

describe('sending events', () => {
  it('stores them sealed, and says until when', async () => {
    const { status, body } = await send(anEvent(), anEvent({ id: 'pay_2', expiresIn: '1h', data: undefined }));
    expect(status).toBe(202);
    expect(body.events).toMatchObject([
      { id: 'pay_1', name: 'order.paid', correlationKey: 'A-1042', duplicate: false },
      { id: 'pay_2', duplicate: false },
    ]);
    const [week, hour] = body.events.map(
      ({ receivedAt, expiresAt }: { receivedAt: string; expiresAt: string }) =>
        Date.parse(expiresAt) - Date.parse(receivedAt),
    );
    expect([week, hour]).toEqual([7 * 86_400_000, 3_600_000]);
    const [row] = await withSystem(api.db, (tx) =>
      tx.select().from(events).where(eq(events.id, body.events[0].eventId)),
    );
    expect(Buffer.from(row?.dataSealed ?? []).toString('latin1')).not.toContain('129.9');
  });

  it('takes the same event once, and each without an id as a new one', async () => {
    const first = (await send(anEvent())).body.events[0];
    const again = (await send(anEvent({ data: 'other' }))).body.events[0];
    expect(again).toEqual({ ...first, duplicate: true });
    const both = (await send(anEvent({ id: undefined }), anEvent({ id: undefined }))).body.events;
    expect(both[0].eventId).not.toBe(both[1].eventId);
    expect(both[0].id).toBe(both[0].eventId);
    // Another name counts its ids by itself.
    expect((await send(anEvent({ name: 'order.sent' }))).body.events[0].duplicate).toBe(false);
  });

  it.each([
    [{ name: 'order paid' }, 'events[0].name'],
    [{ correlationKey: '' }, 'events[0].correlationKey'],
    [{ correlationKey: 'a\u0001' }, 'events[0].correlationKey'],
    [{ correlationKey: 'x'.repeat(201) }, 'events[0].correlationKey'],
    [{ expiresIn: '9999d' }, 'events[0].expiresIn'],
    [{ other: 1 }, 'events[0].other'],
  ])('refuses %j', async (changes, path) => {
    const { status, body } = await send(anEvent(changes));
    expect([status, body.code, body.errors[0].path]).toEqual([400, 'invalid_request', path]);
  });

  it('refuses too many, and too large ones, and stores none of them', async () => {
    expect((await send(...Array.from({ length: 101 }, () => anEvent({ id: undefined })))).status).toBe(400);
    const large = await send(anEvent(), anEvent({ id: 'large', data: 'x'.repeat(1_048_577) }));
    expect([large.status, large.body.code]).toEqual([413, 'body_too_large']);
    expect((await operator('GET /v1/events')).body.items).toEqual([]);
  });

  it('needs the right to', async () => {
    const viewer = await org.as('viewer');
    expect((await viewer('POST /v1/events', { events: [anEvent()] })).body.code).toBe('not_allowed');
    expect((await viewer('GET /v1/events')).status).toBe(200);
  });
});

it('is said of a step that it waits, and what for', async () => {
  const admin = await org.as('admin');
  const flowId = (await admin('POST /v1/flows', { name: 'Orders', graph: webhookFlow() })).body.id;
  await admin(`POST /v1/flows/${flowId}/publish`);
  const { runId } = (await admin(`POST /v1/flows/${flowId}/runs`, {})).body;
  await waitsIn({ runId, path: 'wait' });
  const waitsFor = { type: 'event', event: 'order.paid', correlationKey: 'A-1042' };
  expect((await operator(`GET /v1/runs/${runId}`)).body.steps).toMatchObject([{ path: 'wait', waitsFor }]);
  await waitsIn({ runId, path: 'wait', seq: 2, closedAt: new Date() });
  expect((await operator(`GET /v1/runs/${runId}/steps`)).body.items[0].waitsFor).toBeUndefined();
});

describe('an event', () => {
  it('reaches every run that waits for its name and key, once', async () => {
    const [one, two, other] = [await aRun(), await aRun(), await aRun()];
    await waitsIn({ runId: one, path: 'wait' });
    await waitsIn({ runId: two, path: 'wait' });
    await waitsIn({ runId: other, path: 'wait', correlationKey: 'A-1043' });
    await send(anEvent());
    await send(anEvent());
    await deliver();
    expect(taken()).toHaveLength(2);
    expect(new Set(taken())).toEqual(
      new Set([
        [one, 'wait', 'pay_1'],
        [two, 'wait', 'pay_1'],
      ]),
    );
    const { items } = (await operator('GET /v1/events?name=order.paid&correlationKey=A-1042')).body;
    expect(new Set(items[0].takenBy.map(({ runId }: { runId: string }) => runId))).toEqual(new Set([one, two]));
  });

  it('that came early is found by the step that begins to wait', async () => {
    await send(anEvent());
    await deliver();
    expect(api.temporal.delivered).toEqual([]);
    const runId = await aRun();
    await waitsIn({ runId, path: 'wait' });
    await deliver();
    expect(api.temporal.delivered).toMatchObject([
      { run: { runId }, delivery: { path: 'wait', ordinal: 1, event: { id: 'pay_1', data: { amount: 129.9 } } } },
    ]);
  });

  it('that its run has taken is not brought to a later step of it', async () => {
    const runId = await aRun();
    await waitsIn({ runId, path: 'first' });
    await send(anEvent());
    await deliver();
    await waitsIn({ runId, path: 'first', seq: 2, closedAt: new Date() });
    await waitsIn({ runId, path: 'second', seq: 3 });
    await deliver();
    expect(taken()).toEqual([[runId, 'first', 'pay_1']]);
    await send(anEvent({ id: 'pay_2' }));
    await deliver();
    expect(taken().at(-1)).toEqual([runId, 'second', 'pay_2']);
  });

  it('comes in the order in which they came, one at a time to one step', async () => {
    const runId = await aRun();
    api.temporal.eventResult = { ok: true, reply: { status: 'passed_over' } };
    await send(anEvent({ id: 'c' }), anEvent({ id: 'a' }));
    await send(anEvent({ id: 'b' }));
    await waitsIn({ runId, path: 'wait' });
    expect(await round()).toBe(1);
    await deliver();
    expect(taken().map(([, , id]) => id)).toEqual(['c', 'a', 'b']);
    await deliver();
    expect(taken()).toHaveLength(3);
  });

  it('stays for a later step when it came too late for this one', async () => {
    const runId = await aRun();
    await waitsIn({ runId, path: 'first' });
    await send(anEvent());
    api.temporal.eventResult = { ok: false, reason: 'not_waiting', message: 'Too late.' };
    await deliver();
    await waitsIn({ runId, path: 'first', seq: 2, closedAt: new Date() });
    api.temporal.eventResult = { ok: true, reply: { status: 'taken' } };
    await waitsIn({ runId, path: 'second', seq: 3 });
    await deliver();
    expect(taken()).toEqual([
      [runId, 'first', 'pay_1'],
      [runId, 'second', 'pay_1'],
    ]);
  });

  it('is tried again while Temporal or the workers are away, and then counts as taken although the first answer was lost', async () => {
    const runId = await aRun();
    await waitsIn({ runId, path: 'wait' });
    await send(anEvent());
    api.temporal.down = true;
    await deliver();
    expect(await deliveriesOf(runId)).toMatchObject([
      { status: 'pending', attempts: 1, lastError: expect.stringContaining('UNAVAILABLE') },
    ]);
    api.temporal.down = false;
    api.temporal.eventResult = { ok: false, reason: 'no_worker', message: 'No worker answered yet.' };
    await due(runId);
    await deliver();
    api.temporal.eventResult = { ok: false, reason: 'received_before', message: 'Taken before.' };
    await due(runId);
    await deliver();
    expect(await deliveriesOf(runId)).toMatchObject([{ status: 'taken', attempts: 3, lastError: null }]);
    const ids = new Set(api.temporal.delivered.map(({ deliveryId }) => deliveryId));
    expect(ids.size).toBe(1);
  });

  it('that a dead process has claimed is brought by another one', async () => {
    const runId = await aRun();
    await waitsIn({ runId, path: 'wait' });
    await send(anEvent());
    await withSystem(api.db, (tx) =>
      tx
        .update(eventDeliveries)
        .set({ attempts: 1, nextAttemptAt: new Date(Date.now() + 150) })
        .where(and(eq(eventDeliveries.runId, runId))),
    );
    const other = createEventDeliverer(api.dependencies);
    expect(await other.round()).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await other.round()).toBe(1);
    expect(taken()).toEqual([[runId, 'wait', 'pay_1']]);
  });

  it('is brought once, however many processes look for it', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => aRun()));
    for (const runId of all) await waitsIn({ runId, path: 'wait' });
    await send(anEvent());
    const deliverers = Array.from({ length: 4 }, () => createEventDeliverer(api.dependencies, { batch: 5 }));
    const each = deliverers.map(async (deliverer) => {
      while ((await deliverer.round()) > 0);
    });
    await Promise.all(each);
    await deliver();
    expect(
      taken()
        .map(([runId]) => runId)
        .toSorted(),
    ).toEqual(all.toSorted());
  });

  it('and a step that begins to wait at the same moment never miss each other', async () => {
    const rounds = Array.from({ length: 40 }, async (_, index) => {
      const runId = await aRun();
      const correlationKey = `key-${index}`;
      await Promise.all([
        waitsIn({ runId, path: 'wait', correlationKey }),
        send(anEvent({ id: correlationKey, correlationKey })),
      ]);
      return runId;
    });
    const all = await Promise.all(rounds);
    await deliver();
    expect(
      taken()
        .map(([runId]) => runId)
        .toSorted(),
    ).toEqual(all.toSorted());
  });

  it('is forgotten when its time is over, unless it is still to be brought', async () => {
    const runId = await aRun();
    await waitsIn({ runId, path: 'wait' });
    const [pending, over] = (await send(anEvent(), anEvent({ id: 'pay_2', correlationKey: 'nobody' }))).body.events;
    await withSystem(api.db, (tx) =>
      tx
        .update(events)
        .set({ expiresAt: new Date(0) })
        .where(eq(events.orgId, org.orgId)),
    );
    api.temporal.down = true;
    await deliver();
    await round();
    const left = (await operator('GET /v1/events')).body.items.map(({ eventId }: { eventId: string }) => eventId);
    expect(left).toEqual([pending.eventId]);
    expect(left).not.toContain(over.eventId);
    // Nothing that is over waits for a run to come.
    const later = await aRun();
    await waitsIn({ runId: later, path: 'wait' });
    expect(await deliveriesOf(later)).toEqual([]);
  });

  it('of another org is none of this one’s', async () => {
    const runId = await aRun();
    await waitsIn({ runId, path: 'wait' });
    const stranger = await (await api.createOrg()).as('operator');
    await stranger('POST /v1/events', { events: [anEvent()] });
    await deliver();
    expect(api.temporal.delivered).toEqual([]);
    expect((await operator('GET /v1/events')).body.items).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { OutsideEvent } from '../../run/waits.ts';
import { checkArrival } from '../check-arrival.ts';
import { checkRepair } from '../check-repair.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun, type TestRun } from '../testing/a-run.ts';

const waits = {
  type: 'waitForEvent' as const,
  event: 'order.paid',
  correlationKey: '{{ trigger.orderId }}',
  match: null,
  timeout: '1h',
};
const plan = aPlan({
  steps: { wait: waits, paid: anAction(), late: anAction() },
  edges: ['start -> wait', 'wait -> paid', 'wait:timeout -> late'],
});

const anEvent = (changes: Partial<OutsideEvent> = {}): OutsideEvent => ({
  id: 'pay_1',
  name: 'order.paid',
  correlationKey: 'A-1042',
  data: { amount: 129.9 },
  receivedAt: '2026-03-01T00:00:00.000Z',
  ...changes,
});
const bring = (run: TestRun, changes: Partial<OutsideEvent> = {}, path = 'wait', ordinal = 1) =>
  run.send({ type: 'eventArrived', path, ordinal, event: anEvent(changes) });
const started = (orderId: unknown = 'A-1042', changed: Partial<typeof waits> = {}) =>
  startRun({ ...plan, steps: { ...plan.steps, wait: { ...plan.steps['wait'], ...changed } as never } }, {
    orderId,
  } as never);

describe('a step that waits for an event', () => {
  it('says what it waits for, and until when', async () => {
    const run = await started();
    expect(run.state()).toMatchObject({ status: 'waiting' });
    expect(run.state().scopes['root']?.steps['wait']).toMatchObject({
      status: 'waiting',
      dueAt: Date.UTC(2026, 2, 1, 1),
      waitsFor: { type: 'event', event: 'order.paid', correlationKey: 'A-1042' },
    });
    expect(run.commands().at(-1)).toMatchObject({ type: 'startTimer', timerId: 'timeout:wait:1' });
    expect(run.reports().at(-2)).toMatchObject({ transition: { waitsFor: { correlationKey: 'A-1042' } } });
  });

  it('takes the event, stops its clock and goes on with what it brought', async () => {
    const run = await started();
    await bring(run);
    expect(run.statuses()).toMatchObject({ wait: 'succeeded', paid: 'running', late: 'skipped' });
    expect(run.commands().map(({ type }) => type)).toEqual(['scheduleActivity', 'cancelTimer']);
    const { output, waitsFor } = run.state().scopes['root']?.steps['wait'] ?? {};
    expect(output).toEqual(anEvent());
    expect(waitsFor).toBeUndefined();
  });

  it('goes another way when nothing came in time, and an event that comes then changes nothing', async () => {
    const run = await started();
    await run.wait(3_600_000);
    expect(run.statuses()).toMatchObject({ wait: 'succeeded', paid: 'skipped', late: 'running' });
    const before = run.state();
    await bring(run);
    expect(run.state()).toEqual(before);
    expect(checkArrival(run.state(), { path: 'wait', ordinal: 1, event: anEvent() })).toMatchObject({
      code: 'not_waiting',
    });
  });

  it.each([
    ['another name', { name: 'order.sent' }],
    ['another key', { correlationKey: 'A-1043' }],
  ])('passes over an event with %s', async (_what, changes) => {
    const run = await started();
    await bring(run, changes);
    expect(run.statuses()).toMatchObject({ wait: 'waiting' });
  });

  it('takes a number as its key, as text', async () => {
    const run = await started(1042);
    await bring(run, { correlationKey: '1042' });
    expect(run.statuses()).toMatchObject({ wait: 'succeeded' });
  });

  it.each([[null], [''], ['   '], [{}], ['x'.repeat(201)], ['a\u0000b'], ['\ud800']])(
    'parks for the key %j',
    async (orderId) => {
      const run = await started(orderId);
      expect(run.statuses()).toMatchObject({ wait: 'needs_attention' });
      expect(run.state().timers).not.toHaveProperty('timeout:wait:1');
    },
  );

  it.each(['soon', '500d'])('parks for the time limit %s', async (timeout) => {
    expect((await started('A-1042', { timeout })).statuses()).toMatchObject({ wait: 'needs_attention' });
  });

  it('waits without a limit when it has none', async () => {
    const run = await started('A-1042', { timeout: null as never });
    expect(Object.keys(run.state().timers)).toEqual(['run']);
    await bring(run);
    expect(run.statuses()).toMatchObject({ wait: 'succeeded' });
  });
});

describe('a condition over the event', () => {
  const match = { left: '{{ event.data.amount }}', operator: 'greaterOrEqual', right: '{{ trigger.total }}' };
  const waiting = async () =>
    startRun(
      { ...plan, steps: { ...plan.steps, wait: { ...plan.steps['wait'], match } as never } },
      {
        orderId: 'A-1042',
        total: 100,
      },
    );

  it('passes over what does not fit, and takes what does', async () => {
    const run = await waiting();
    await bring(run, { id: 'pay_0', data: { amount: 20 } });
    expect(run.statuses()).toMatchObject({ wait: 'waiting' });
    expect(run.state().receivedEvents).toBeUndefined();
    await bring(run);
    expect(run.statuses()).toMatchObject({ wait: 'succeeded' });
  });

  it('parks when it has no answer; a person retries, and the same event is taken', async () => {
    const run = await waiting();
    await bring(run, { data: { amount: [1] } });
    expect(run.state().scopes['root']?.steps['wait']).toMatchObject({
      status: 'needs_attention',
      failure: { message: expect.stringContaining('match') },
    });
    expect(run.state().timers).not.toHaveProperty('timeout:wait:1');
    await run.repair({ action: 'retryStep', path: 'wait' });
    await bring(run, {}, 'wait', 1);
    expect(run.statuses()).toMatchObject({ wait: 'waiting' });
    await bring(run, {}, 'wait', 2);
    expect(run.statuses()).toMatchObject({ wait: 'succeeded' });
  });
});

describe('an event that comes again', () => {
  const twice = aPlan({
    steps: { first: waits, second: waits, done: anAction() },
    edges: ['start -> first', 'first -> second', 'second -> done'],
  });

  it('is not taken by a later step of the same run', async () => {
    const run = await startRun(twice, { orderId: 'A-1042' });
    await bring(run, {}, 'first');
    const late = { path: 'second', ordinal: 1, event: anEvent() };
    expect(checkArrival(run.state(), late)).toMatchObject({ ok: false, code: 'received_before' });
    await bring(run, {}, 'second');
    expect(run.statuses()).toMatchObject({ first: 'succeeded', second: 'waiting' });
    await bring(run, { id: 'pay_2' }, 'second');
    expect(run.statuses()).toMatchObject({ second: 'succeeded', done: 'running' });
  });
});

describe('a person need not wait', () => {
  it.each([
    [{ action: 'completeStep' as const, path: 'wait', output: { data: { amount: 1 } } }, 'paid', 'late'],
    [{ action: 'completeStep' as const, path: 'wait', output: null }, 'late', 'paid'],
  ])('%j', async (repair, taken, dead) => {
    const run = await started();
    await run.repair(repair);
    expect(run.statuses()).toMatchObject({ wait: 'succeeded', [taken]: 'running', [dead]: 'skipped' });
    expect(run.state().timers).not.toHaveProperty('timeout:wait:1');
  });

  it('leaves the branch out', async () => {
    const run = await started();
    await run.repair({ action: 'skipStep', path: 'wait' });
    expect(run.state().status).toBe('succeeded');
  });

  it('but there is nothing to retry while it waits', async () => {
    const run = await started();
    expect(checkRepair(plan, run.state(), { action: 'retryStep', path: 'wait' })).toMatchObject({
      code: 'step_not_parked',
    });
  });

  it('ends the wait with the run', async () => {
    const run = await started();
    await run.send({ type: 'cancelRequested' });
    expect(run.state().status).toBe('cancelled');
    expect(run.statusOf('wait')).toBe('cancelled');
  });
});

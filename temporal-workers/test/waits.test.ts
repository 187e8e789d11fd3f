import { randomUUID } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import type { ApprovalStep, WaitForEventStep } from '@everwave/schema/flow';
import {
  type ApprovalAnswer,
  type Approver,
  approvalUpdate,
  eventUpdate,
  type OutsideEvent,
} from '@everwave/schema/run';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { answerApproval, deliverEvent } from '@everwave/temporal/runs';
import { Client, Connection, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalAddress } from '../../scripts/testing/temporal.ts';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { reconcile } from './rebuild.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities: createFakeActivities().activities });
});
afterAll(() => harness.close());

const echo = (input: string) => anAction({ activity: 'test.echo@1', input, effect: 'reads', idempotency: 'nature' });
const waitFor = (changes: Partial<WaitForEventStep> = {}) => ({
  type: 'waitForEvent' as const,
  event: 'order.paid',
  correlationKey: '{{ trigger.orderId }}',
  match: null,
  timeout: null,
  ...changes,
});
const waitPlan = (changes: Partial<WaitForEventStep> = {}) =>
  aPlan({
    steps: {
      wait: waitFor(changes),
      paid: echo('{{ steps.wait.output.id }}'),
      late: echo('late'),
      done: { type: 'return', output: '{{ $exists(steps.paid.output) ? steps.paid.output.echoed : "late" }}' },
      join: { type: 'merge', policy: { join: 'all' } },
    },
    edges: ['start -> wait', 'wait -> paid', 'wait:timeout -> late', 'paid -> join', 'late -> join', 'join -> done'],
  });
const anEvent = (changes: Partial<OutsideEvent> = {}): OutsideEvent => ({
  id: 'pay_1',
  name: 'order.paid',
  correlationKey: 'A-1042',
  data: { amount: 129.9 },
  receivedAt: '2026-11-21T12:00:00.000Z',
  ...changes,
});
const bring = ({ runId }: RunUnderTest, changes: Partial<OutsideEvent> = {}, deliveryId: string = randomUUID()) =>
  deliverEvent(
    harness.client,
    { orgId: harness.orgId, runId },
    { path: 'wait', ordinal: 1, event: anEvent(changes) },
    deliveryId,
  );
const waiting = async (changes: Partial<WaitForEventStep> = {}): Promise<RunUnderTest> => {
  const run = await harness.start(waitPlan(changes), { trigger: { orderId: 'A-1042' } });
  await untilStatus(run, 'waiting');
  return run;
};
const updatesOf = async (run: RunUnderTest): Promise<number> =>
  (await eventNames(run)).filter((name) => name === 'workflowExecutionUpdateAccepted').length;

describe('a run that waits for an event', () => {
  it('is found by its correlation key in Temporal, for as long as it waits', async () => {
    const run = await waiting();
    const keyOf = async () => (await run.handle.describe()).searchAttributes['EverwaveCorrelationKey'];
    await eventually(keyOf, (key) => key?.[0] === 'A-1042');
    await bring(run);
    await run.result();
    await eventually(keyOf, (key) => !key?.[0]);
  });

  it('takes an event once, whoever brings it how often', async () => {
    const run = await waiting();
    const answers = await Promise.all([
      bring(run, {}, 'one'),
      bring(run, {}, 'one'),
      bring(run, {}, 'two'),
      bring(run),
    ]);
    const [first, again, ...others] = answers;
    expect(again).toEqual(first);
    const taken = [first, ...others].filter((one) => one?.ok && one.reply.status === 'taken');
    expect(taken).toHaveLength(1);
    for (const one of answers) if (!one.ok) expect(['received_before', 'run_not_open']).toContain(one.reason);
    expect((await run.result()).output).toBe('pay_1');
  });

  it('passes over what does not match, and refuses what is for others before it enters history', async () => {
    const run = await waiting({ match: { left: '{{ event.data.amount }}', operator: 'greaterThan', right: 100 } });
    expect(await bring(run, { id: 'pay_0', data: { amount: 5 } })).toEqual({
      ok: true,
      reply: { status: 'passed_over' },
    });
    expect(await bring(run, { correlationKey: 'A-1043' })).toMatchObject({ ok: false, reason: 'not_waiting' });
    expect(await updatesOf(run)).toBe(1);
    expect(await bring(run)).toEqual({ ok: true, reply: { status: 'taken' } });
    expect((await run.result()).output).toBe('pay_1');
  });

  it('goes one way when an event and the end of its time meet, and the sender learns which', async () => {
    const outcomes = new Set<unknown>();
    for (let round = 0; round < 4; round += 1) {
      const run = await waiting({ timeout: '1500ms' });
      if (round % 2 === 0) {
        // With no worker both are there when one comes back.
        await harness.stopWorker();
        const answering = bring(run, {}, 'once');
        await new Promise((resolve) => setTimeout(resolve, 1_800));
        await harness.startWorker();
        const answer = await answering;
        const { output } = await run.result();
        expect(output).toBe(answer.ok ? 'pay_1' : 'late');
        outcomes.add(output);
      } else {
        await new Promise((resolve) => setTimeout(resolve, 1_100));
        const answer = await bring(run);
        const { output } = await run.result();
        expect(output).toBe(answer.ok ? 'pay_1' : 'late');
      }
    }
    expect(outcomes).toEqual(new Set(['pay_1']));
  }, 60_000);

  it('refuses an event that comes after its time, and has ended', async () => {
    const run = await waiting({ timeout: '3s' });
    expect((await run.result()).output).toBe('late');
    expect(await bring(run)).toMatchObject({ ok: false, reason: 'run_not_open' });
  });

  it('waits no longer once somebody has ended it in Temporal', async () => {
    const run = await waiting();
    await run.handle.terminate('by hand');
    expect(await bring(run)).toMatchObject({ ok: false, reason: 'run_not_open' });
    await reconcile(harness, run);
    const [wait] = await withSystem(harness.db, (tx) =>
      tx.select().from(tables.eventWaits).where(eq(tables.eventWaits.runId, run.runId)),
    );
    expect(wait?.closedAt).not.toBeNull();
  });

  it('keeps its wait through a worker that replays everything', async () => {
    const run = await waiting({ timeout: '1h' });
    await harness.stopWorker();
    await harness.startWorker();
    await bring(run);
    expect((await run.result()).output).toBe('pay_1');
  });
});

const ask = (changes: Partial<ApprovalStep> = {}) => ({
  type: 'approval' as const,
  subject: 'Refund it?',
  message: null,
  fields: [{ name: 'reason', title: 'Reason', type: 'text' as const, required: true }],
  roles: ['operator'],
  people: [],
  approvals: 1,
  rejections: 1,
  timeout: null,
  ...changes,
});
const asking = async (changes: Partial<ApprovalStep> = {}): Promise<RunUnderTest> => {
  const run = await harness.start(
    aPlan({
      steps: {
        ask: ask(changes),
        yes: { type: 'return', output: '{{ steps.ask.output.answers.by.name }}' },
        no: { type: 'return', output: 'no' },
      },
      edges: ['start -> ask', 'ask:approved -> yes', 'ask:rejected -> no'],
    }),
  );
  await untilStatus(run, 'waiting');
  return run;
};
const person = (userId: string, changes: Partial<Approver> = {}): Approver => ({
  userId,
  name: userId,
  role: 'operator',
  email: `${userId}@example.org`,
  ...changes,
});
const answer = ({ runId }: RunUnderTest, by: Approver, changes: Partial<ApprovalAnswer> = {}) =>
  answerApproval(
    harness.client,
    { orgId: harness.orgId, runId },
    {
      requestId: randomUUID(),
      by,
      answer: {
        path: 'ask',
        ordinal: 1,
        decision: 'approved',
        values: { reason: 'broken' },
        comment: null,
        ...changes,
      },
    },
  );
const approvalsOf = ({ runId }: RunUnderTest) =>
  withSystem(harness.db, (tx) => tx.select().from(tables.approvals).where(eq(tables.approvals.runId, runId)));

describe('an approval', () => {
  it('of two answers at once takes one, and refuses the other by name', async () => {
    for (let round = 0; round < 3; round += 1) {
      const run = await asking();
      const answers = await Promise.all([
        answer(run, person('ada')),
        answer(run, person('bob'), { decision: 'rejected' }),
      ]);
      const [won] = answers.filter(({ ok }) => ok);
      const [lost] = answers.filter(({ ok }) => !ok);
      expect(won).toMatchObject({ ok: true });
      expect(['approval_answered', 'run_not_open']).toContain(lost && !lost.ok ? lost.reason : 'none');
      const { output } = await run.result();
      expect([['ada'], 'no']).toContainEqual(typeof output === 'string' && output !== 'no' ? [output] : output);
    }
  });

  it('by two takes two people, and the same one once', async () => {
    const run = await asking({ approvals: 2 });
    expect(await answer(run, person('ada'))).toEqual({ ok: true, reply: { status: 'open' } });
    expect(await answer(run, person('ada'))).toMatchObject({ ok: false, reason: 'answered_before' });
    await eventually(
      () => approvalsOf(run),
      ([row]) => row?.answeredBy.length === 1 && row.status === 'open',
    );
    expect(await answer(run, person('bob'))).toEqual({ ok: true, reply: { status: 'approved' } });
    expect((await run.result()).output).toEqual(['ada', 'bob']);
    const [row] = await eventually(
      () => approvalsOf(run),
      ([found]) => found?.status === 'approved',
    );
    expect(row).toMatchObject({ answeredBy: ['ada', 'bob'], closedAt: expect.any(Date) });
  });

  it('refuses who is not asked and what does not fit the form, before it enters history', async () => {
    const run = await asking();
    expect(await answer(run, person('eve', { role: 'viewer' }))).toMatchObject({
      ok: false,
      reason: 'not_an_approver',
    });
    expect(await answer(run, person('ada'), { values: { reason: 7 } })).toMatchObject({
      ok: false,
      reason: 'values_invalid',
      details: [{ path: 'reason', code: 'wrong_type' }],
    });
    expect(await updatesOf(run)).toBe(0);
    expect((await run.projection()).run.status).toBe('waiting');
  });

  it('sends its run on when it is approved, and the other way when it is rejected; the run says who decided, and when', async () => {
    const before = Date.now();
    for (const [decision, taken, left] of [
      ['approved', 'yes', 'no'],
      ['rejected', 'no', 'yes'],
    ] as const) {
      const run = await asking();
      expect((await run.projection()).steps.find(({ path }) => path === taken)?.status).not.toBe('succeeded');
      await answer(run, person('ada'), { decision });
      const { steps } = await untilStatus(run, 'succeeded');
      const statusOf = (path: string) => steps.find((step) => step.path === path)?.status;
      expect([statusOf(taken), statusOf(left)]).toEqual(['succeeded', 'skipped']);
      const decided = steps.find(({ path }) => path === 'ask')?.output as { by: { userId: string }; at: string } | null;
      expect(decided).toMatchObject({ by: { userId: 'ada' }, decision });
      const at = decided?.at ?? '';
      expect(Date.parse(at)).toBeGreaterThan(before - 5_000);
      expect(Date.parse(at)).toBeLessThan(Date.now() + 5_000);
    }
  });

  it('stands in the log of its run: who, and how', async () => {
    const run = await asking();
    await answer(run, person('ada'));
    await run.result();
    const lines = await eventually(
      () => withSystem(harness.db, (tx) => tx.select().from(tables.runLogs).where(eq(tables.runLogs.runId, run.runId))),
      (rows) => rows.some(({ message }) => message === 'approval answered'),
    );
    expect(lines.find(({ message }) => message === 'approval answered')?.attributes).toEqual({
      by: 'ada',
      decision: 'approved',
    });
  });
});

it('takes nothing that is not encrypted with the key of the org', async () => {
  const connection = await Connection.connect({ address: await temporalAddress() });
  const ours = createDataConverter({ ring: harness.ring, withoutOrg: 'refuse' });
  const payloadCodecs = ours.payloadCodecs?.map((codec) => ({
    encode: (payloads: Payload[]) => Promise.resolve(payloads),
    decode: codec.decode.bind(codec),
  }));
  const stranger = new Client({
    connection,
    namespace: harness.namespace,
    dataConverter: { ...ours, ...(payloadCodecs ? { payloadCodecs } : {}) },
  });
  const [wait, approval] = [await waiting(), await asking()];
  const forged = [
    [wait, eventUpdate, { path: 'wait', ordinal: 1, event: anEvent() }],
    [
      approval,
      approvalUpdate,
      { requestId: 'x', by: person('eve'), answer: { path: 'ask', ordinal: 1, decision: 'approved', values: {} } },
    ],
  ] as const;
  for (const [run, name, message] of forged) {
    const refused: unknown = await stranger.workflow
      .getHandle(run.workflowId)
      .executeUpdate(name, { args: [message] })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refused as WorkflowUpdateFailedError).cause).toMatchObject({ type: 'unsealed' });
    expect(await updatesOf(run)).toBe(0);
    expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  }
  await connection.close();
});

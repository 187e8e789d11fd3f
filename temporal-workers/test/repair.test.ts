import { randomUUID } from 'node:crypto';
import type { Json } from '@everwave/schema/flow';
import type { RepairRequest } from '@everwave/schema/run';
import { cancelRun, repairRun, type RepairAction } from '@everwave/temporal/runs';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { Client, Connection, type WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Payload, SerializationContext } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalAddress } from '../../scripts/testing/temporal.ts';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;
let plainConnection: Connection;
/** Whoever reaches Temporal's port: cannot seal. That it can read the answers is for the test's sake. */
let stranger: Client;

beforeAll(async () => {
  harness = await createHarness({ activities });
  plainConnection = await Connection.connect({ address: await temporalAddress() });
  const ours = createDataConverter({ ring: harness.ring, withoutOrg: 'refuse' });
  const payloadCodecs = ours.payloadCodecs?.map((codec) => ({
    encode: (payloads: Payload[]) => Promise.resolve(payloads),
    decode: (payloads: Payload[], context?: SerializationContext) => codec.decode(payloads, context),
  }));
  stranger = new Client({
    connection: plainConnection,
    namespace: harness.namespace,
    dataConverter: { ...ours, ...(payloadCodecs ? { payloadCodecs } : {}) },
  });
});
afterAll(async () => {
  await plainConnection.close();
  await harness.close();
});

const plan = aPlan({
  steps: {
    risky: anAction({ activity: 'test.fail@1', input: { fixAt: 3 }, options: retrying(1) }),
    after: anAction({ activity: 'test.echo@1', input: { got: '{{ steps.risky.output }}' } }),
    done: { type: 'return', output: '{{ steps.after.output.echoed.got }}' },
  },
  edges: ['start -> risky', 'risky -> after', 'after -> done'],
});

const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const parked = async (): Promise<RunUnderTest> => {
  const run = await harness.start(plan);
  await untilStatus(run, 'needs_attention');
  return run;
};
const repair = (run: RunUnderTest, action: RepairAction, request: Partial<RepairRequest> = {}) =>
  repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, action, {
    requestId: randomUUID(),
    by,
    ...request,
  });

describe('a parked run', () => {
  it('goes on from the step that failed, with an edited input, and repeats nothing before it', async () => {
    const run = await parked();
    expect(await repair(run, 'retryStep', { path: 'risky', input: { fix: true } })).toMatchObject({ ok: true });
    expect((await run.result()).output).toEqual({ done: true });
    const calls = seen.calls.filter(({ runId }) => runId === run.runId);
    expect(calls.map(({ path, ordinal, generation }) => [path, ordinal, generation])).toEqual([
      ['risky', 1, 1],
      ['risky', 2, 2],
      ['after', 1, 1],
    ]);
  });

  it('keeps the effect key when a step is retried as it is', async () => {
    const run = await parked();
    await repair(run, 'retryStep', { path: 'risky' });
    await eventually(
      () => run.projection(),
      ({ steps }) => steps.some(({ ordinal, status }) => ordinal === 2 && status === 'needs_attention'),
    );
    await repair(run, 'retryStep', { path: 'risky' });
    expect((await run.result()).output).toEqual({ done: true });
    const calls = seen.calls.filter(({ runId, path }) => runId === run.runId && path === 'risky');
    expect(calls.map(({ ordinal, generation }) => [ordinal, generation])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });

  it('takes an output that a person gives in place of the step', async () => {
    const run = await parked();
    await repair(run, 'completeStep', { path: 'risky', output: { by: 'hand' } });
    expect((await run.result()).output).toEqual({ by: 'hand' });
  });

  it('goes on without the step', async () => {
    const run = await parked();
    expect(await repair(run, 'skipStep', { path: 'risky' })).toMatchObject({ ok: true });
    await run.result();
    expect((await untilStatus(run, 'succeeded')).steps.find(({ path }) => path === 'risky')?.status).toBe('skipped');
  });

  it('fails when a person says so', async () => {
    const run = await parked();
    await repair(run, 'failRun');
    await expect(run.result()).rejects.toThrow();
    expect((await untilStatus(run, 'failed')).run.failure).not.toBeNull();
  });

  it('can be cancelled, by update and by Temporal', async () => {
    const [first, second] = [await parked(), await parked()];
    expect(await repair(first, 'cancelRun')).toMatchObject({ ok: true });
    expect(await cancelRun(harness.client, { orgId: harness.orgId, runId: second.runId })).toBe('requested');
    for (const run of [first, second]) {
      await expect(run.result()).rejects.toThrow('cancelled');
      expect(await run.handle.describe()).toMatchObject({ status: { name: 'CANCELLED' } });
      await untilStatus(run, 'cancelled');
    }
  });
});

describe('a repair', () => {
  it('is applied once when the same request comes twice', async () => {
    const run = await parked();
    const requestId = randomUUID();
    const request = { requestId, path: 'risky', output: 1 as Json };
    const answers = await Promise.all([repair(run, 'completeStep', request), repair(run, 'completeStep', request)]);
    expect(answers[0]).toMatchObject({ ok: true });
    expect(answers[1]).toEqual(answers[0]);
    await run.result();
    expect((await eventNames(run)).filter((name) => name === 'workflowExecutionUpdateAccepted')).toHaveLength(1);
  });

  it.each([
    ['an unknown step', 'retryStep', { path: 'nowhere' }],
    ['a step that does not wait', 'retryStep', { path: 'after' }],
    ['no path', 'skipStep', {}],
    ['no output', 'completeStep', { path: 'risky' }],
    ['a dead letter that is decided', 'skipStep', { path: 'risky', letter: { path: 'risky', ordinal: 7 } }],
    ['a dead letter that is none', 'failRun', { letter: { path: 'risky' } }],
    ['nobody who asks', 'skipStep', { path: 'risky', by: {} }],
  ] as const)('is refused before it enters history: %s', async (_what, action, request) => {
    const run = await parked();
    const before = await eventNames(run);
    const answer = await repair(run, action, request as unknown as Partial<RepairRequest>);
    expect(answer).toMatchObject({ ok: false, reason: expect.any(String), message: expect.any(String) });
    const news = (await eventNames(run)).slice(before.length);
    expect(news.filter((name) => !name.startsWith('workflowTask'))).toEqual([]);
    expect(news).not.toContain('workflowTaskFailed');
  });

  it('is refused when it is not encrypted with the key of the org', async () => {
    const run = await parked();
    const request = { requestId: randomUUID(), by, path: 'risky', output: 'forged' };
    const refused = await stranger.workflow
      .getHandle(run.workflowId)
      .executeUpdate('completeStep', { args: [request] })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refused as WorkflowUpdateFailedError).cause).toMatchObject({ type: 'unsealed' });
    const events = await eventNames(run);
    expect(events).not.toContain('workflowTaskFailed');
    expect(events).not.toContain('workflowExecutionUpdateAccepted');
    expect((await run.projection()).run.status).toBe('needs_attention');
  });

  it('is refused by a run that has ended', async () => {
    const run = await parked();
    await repair(run, 'completeStep', { path: 'risky', output: null });
    await run.result();
    expect(await repair(run, 'skipStep', { path: 'risky' })).toMatchObject({ ok: false, reason: 'run_not_open' });
  });
});

describe('a run that our api did not start', () => {
  it('fails at once, and runs nothing', async () => {
    const runId = `run_${'d'.repeat(32)}`;
    const workflowId = `t/${harness.orgId}/r/${runId}`;
    const before = seen.calls.length;
    const handle = await stranger.workflow.start('runFlow', {
      workflowId,
      taskQueue: 'flow',
      args: [{ engineVersion: 1, orgId: harness.orgId, runId, rootRunId: runId, plan, trigger: { stepId: 'start' } }],
    });
    const error = await handle.result().catch((thrown: unknown) => thrown);
    expect((error as WorkflowFailedError).cause).toMatchObject({ type: 'unsealed', nonRetryable: true });
    expect(seen.calls.length).toBe(before);
  });
});

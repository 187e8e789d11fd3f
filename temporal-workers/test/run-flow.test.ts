import { workflowIdOf } from '@everwave/schema/ids';
import { searchAttributes, startRun } from '@everwave/temporal/runs';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, eventually, type Harness, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const echo = (input: object = {}) => anAction({ activity: 'test.echo@1', input: { ...input } as never });
const failing = (maximumAttempts = 1) => anAction({ activity: 'test.fail@1', options: retrying(maximumAttempts) });

describe('a run', () => {
  it('passes outputs from step to step and returns what its author asked for', async () => {
    const run = await harness.start(
      aPlan({
        steps: {
          first: echo({ total: '{{ trigger.total }}' }),
          second: echo({ text: 'Total {{ steps.first.output.echoed.total }}' }),
          done: { type: 'return', output: '{{ steps.second.output.echoed.text }}' },
        },
        edges: ['start -> first', 'first -> second', 'second -> done'],
      }),
      { trigger: { total: 129.9 } },
    );
    expect(await run.result()).toEqual({ status: 'succeeded', output: 'Total 129.9' });
  });

  it('takes at most six events per step and eight for itself', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
    const run = await harness.start(
      aPlan({
        steps: Object.fromEntries(names.map((name) => [name, echo()])),
        edges: names.map((name, index) => `${index === 0 ? 'start' : names[index - 1]} -> ${name}`),
      }),
    );
    await run.result();
    const events = await eventNames(run);
    expect(events.length).toBeLessThanOrEqual(6 * names.length + 8);
  });

  it('runs parallel branches at the same time and waits for both at the merge', async () => {
    const run = await harness.start(
      aPlan({
        steps: {
          fork: { type: 'parallel' },
          left: echo({ sleep: 1_000 }),
          right: echo({ sleep: 1_000 }),
          join: { type: 'merge', policy: { join: 'all' } },
          done: { type: 'return', output: ['{{ steps.left.output.ordinal }}', '{{ steps.right.output.ordinal }}'] },
        },
        edges: ['start -> fork', 'fork -> left', 'fork -> right', 'left -> join', 'right -> join', 'join -> done'],
      }),
    );
    expect((await run.result()).output).toEqual([1, 1]);
    const { run: row } = await untilStatus(run, 'succeeded');
    const took = (row.finishedAt?.getTime() ?? 0) - (row.startedAt?.getTime() ?? 0);
    expect(took).toBeGreaterThanOrEqual(1_000);
    expect(took).toBeLessThan(1_800);
  });

  it('takes the error edge of a step that fails, with the failure', async () => {
    const run = await harness.start(
      aPlan({
        steps: {
          risky: failing(2),
          never: echo(),
          told: echo({ why: '{{ steps.risky.failure.name }}' }),
          done: { type: 'return', output: '{{ steps.told.output.echoed.why }}' },
        },
        edges: ['start -> risky', 'risky -> never', 'risky:error -> told', 'told -> done'],
      }),
    );
    expect((await run.result()).output).toBe('out_of_order');
    const { steps } = await untilStatus(run, 'succeeded');
    expect(steps.find(({ path }) => path === 'risky')).toMatchObject({ status: 'failed', attempts: 2 });
    expect(steps.find(({ path }) => path === 'never')).toMatchObject({ status: 'skipped' });
  });

  it('asks a step again later, without spending an attempt, when the provider says so', async () => {
    const run = await harness.start(
      aPlan({
        steps: { busy: anAction({ activity: 'test.defer@1', options: retrying(1) }) },
        edges: ['start -> busy'],
      }),
    );
    await run.result();
    const calls = seen.calls.filter(({ runId }) => runId === run.runId);
    expect(calls.map(({ ordinal, generation }) => [ordinal, generation])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    const { run: row } = await untilStatus(run, 'succeeded');
    expect((row.finishedAt?.getTime() ?? 0) - (row.startedAt?.getTime() ?? 0)).toBeGreaterThanOrEqual(700);
  });

  it('fails with the failure of its step when the author wants that', async () => {
    const run = await harness.start(
      aPlan({
        steps: { risky: { ...failing(), onFailure: 'fail' } },
        edges: ['start -> risky'],
      }),
    );
    const error = await run.result().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect((error as WorkflowFailedError).cause).toMatchObject({
      type: 'out_of_order',
      message: 'The machine is out of order.',
    });
    const { run: row } = await untilStatus(run, 'failed');
    expect(row.failure).toMatchObject({ name: 'out_of_order' });
  });

  it('is found in Temporal by its attributes, and by those of the step that waits', async () => {
    const run = await harness.start(aPlan({ steps: { risky: failing() }, edges: ['start -> risky'] }));
    await untilStatus(run, 'needs_attention');
    const { typedSearchAttributes: found } = await eventually(
      () => run.handle.describe(),
      (described) => described.typedSearchAttributes.get(searchAttributes.status) === 'needs_attention',
    );
    expect(found.get(searchAttributes.org)).toBe(harness.orgId);
    expect(found.get(searchAttributes.flow)).toBe('flow_1');
    expect(found.get(searchAttributes.flowVersion)).toBe(1);
    expect(found.get(searchAttributes.trigger)).toBe('trigger.manual');
    expect(found.get(searchAttributes.failingStep)).toBe('risky');
    expect(found.get(searchAttributes.failure)).toBe('out_of_order');
    const query = `EverwaveOrg = '${harness.orgId}' and EverwaveFailingStep = 'risky'`;
    const count = await eventually(
      () => harness.client.workflow.count(query),
      (answer) => answer.count > 0,
    );
    expect(count.count).toBe(1);
  });
});

describe('a run of another kernel', () => {
  it('is not run by this one: it says which it needs', async () => {
    const { input } = await harness.start(aPlan({ steps: { first: echo() }, edges: ['start -> first'] }));
    const runId = `run_${'e'.repeat(32)}`;
    const before = seen.calls.length;
    const later = { ...input, runId, rootRunId: runId, engineVersion: 2 } as unknown as typeof input;
    await startRun(harness.client, later);
    const handle = harness.client.workflow.getHandle(workflowIdOf(harness.orgId, runId));
    const error = await handle.result().catch((thrown: unknown) => thrown);
    expect((error as WorkflowFailedError).cause).toMatchObject({ type: 'unknown_engine', nonRetryable: true });
    expect(seen.calls.slice(before).filter((call) => call.runId === runId)).toEqual([]);
  });
});

describe('cancelling', () => {
  it('reaches the activity that runs, and ends the run as cancelled in Temporal too', async () => {
    const run = await harness.start(
      aPlan({
        steps: { stuck: anAction({ activity: 'test.hang@1' }), after: echo() },
        edges: ['start -> stuck', 'stuck -> after'],
      }),
    );
    await eventually(async () => seen.calls.some(({ runId }) => runId === run.runId), Boolean);
    await run.handle.cancel();
    await expect(run.result()).rejects.toThrow('Workflow execution cancelled');
    expect(seen.cancelled).toContain('stuck');
    const { steps } = await untilStatus(run, 'cancelled');
    expect(steps.find(({ path }) => path === 'stuck')).toMatchObject({ status: 'cancelled' });
    expect(await run.handle.describe()).toMatchObject({ status: { name: 'CANCELLED' } });
  });
});

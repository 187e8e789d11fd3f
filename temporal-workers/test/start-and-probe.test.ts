import { probeConnection, RunTooLarge, startRun } from '@everwave/temporal/runs';
import { createTemporalClient } from '@everwave/temporal/client';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalAddress } from '../../scripts/testing/temporal.ts';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, type Harness } from './harness.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const plan = aPlan({
  steps: { only: anAction({ activity: 'test.echo@1', title: 'Ring the bell', input: { sleep: 300 } }) },
  edges: ['start -> only'],
});

describe('starting a run', () => {
  it('starts it once, however often it is asked, while it runs and after', async () => {
    const run = await harness.start(plan);
    const again = await Promise.all([1, 2, 3].map(() => startRun(harness.client, run.input)));
    expect(new Set(again.map(({ temporalRunId }) => temporalRunId))).toEqual(new Set([run.firstTemporalRunId]));
    await run.result();
    expect(await startRun(harness.client, run.input)).toEqual({ workflowId: run.workflowId, temporalRunId: null });
    expect(seen.calls.filter(({ runId }) => runId === run.runId)).toHaveLength(1);
  });

  it('says so when it is more than Temporal takes', async () => {
    await expect(harness.start(plan, { trigger: 'x'.repeat(3_000_000) })).rejects.toThrow(RunTooLarge);
  });

  it('gives operators words and a link, and no data in plain text', async () => {
    const run = await harness.start(plan);
    const described = await run.handle.describe();
    expect(await described.staticSummary()).toBe('A flow · v1');
    expect(await described.staticDetails()).toContain(`](https://everwave.test/runs/${run.runId})`);
    expect(described.raw.workflowExecutionInfo?.priority?.fairnessKey).toBe(harness.orgId);
    await run.result();
    const { events } = await run.handle.fetchHistory();
    const scheduled = events?.find((event) => event.activityTaskScheduledEventAttributes);
    expect(scheduled?.activityTaskScheduledEventAttributes).toMatchObject({
      activityId: 'only',
      activityType: { name: 'test.echo@1' },
    });
    expect(Buffer.from(scheduled?.userMetadata?.summary?.data ?? []).includes('Ring the bell')).toBe(false);
    expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  });
});

describe('testing a connection', () => {
  it('answers in words when there is no such connection', async () => {
    const connectionId = `conn_${'0'.repeat(32)}`;
    expect(await probeConnection(harness.client, { orgId: harness.orgId, connectionId })).toMatchObject({
      ok: false,
      message: expect.any(String),
    });
  });

  it("is refused to whoever has not the org's key", async () => {
    const other = await createTemporalClient({
      settings: { address: await temporalAddress(), namespace: harness.namespace, apiKey: null, tls: null },
      dataConverter: createDataConverter({ ring: harness.ring, withoutOrg: 'refuse' }),
    });
    const handle = await other.client.workflow.start('probe', {
      workflowId: `t/${harness.orgId}/p/of-another-org`,
      taskQueue: 'flow',
      args: [{ orgId: `org_${'9'.repeat(32)}`, connectionId: 'conn_1' }],
    });
    await expect(handle.result()).rejects.toThrow();
    await other.close();
  });
});

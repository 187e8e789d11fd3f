import { randomUUID } from 'node:crypto';
import { manifests } from '@everwave/activities/definitions';
import { compileFlow, flowGraphSchema, type Json, type Plan } from '@everwave/schema/flow';
import { createLogger } from '@everwave/temporal/logger';
import { createNativeConnection } from '@everwave/temporal/native-connection';
import { repairRun } from '@everwave/temporal/runs';
import type { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalAddress } from '../../scripts/testing/temporal.ts';
import { loadWorkflowBundle } from '../src/bundle.ts';
import { createWorker, type FlowWorker } from '../src/worker.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventually, type Harness, untilStatus } from './harness.ts';

/** Serves `flow` alone, with activities that know no code. */
let harness: Harness;
/** Serves `code` alone, with the real ones. */
let codeWorker: FlowWorker;
let connection: NativeConnection;
let running: Promise<void> | undefined;

const logger = createLogger({ service: 'test', level: 'silent' });

const startCodeWorker = async (): Promise<void> => {
  codeWorker = await createWorker({
    connection,
    namespace: harness.namespace,
    db: harness.db,
    ring: harness.ring,
    bundle: await loadWorkflowBundle(logger),
    logger,
    queues: [{ name: 'code', stepsAtOnce: 3 }],
    identity: 'code-worker',
    shutdownGraceTime: '1s',
  });
  running = codeWorker.run();
};

beforeAll(async () => {
  harness = await createHarness({ activities: createFakeActivities().activities });
  const settings = { address: await temporalAddress(), namespace: harness.namespace, apiKey: null, tls: null };
  connection = await createNativeConnection(settings);
}, 120_000);
afterAll(async () => {
  codeWorker?.shutdown();
  await running;
  await connection?.close();
  await harness?.close();
});

/** Drawn, validated and compiled as the product does it. */
const aPlan = (input: { readonly [name: string]: Json }, policy: object = {}): Plan => {
  const graph = flowGraphSchema.parse({
    nodes: [
      { id: 'start', kind: 'trigger.manual', title: 'Start' },
      { id: 'code', kind: 'code.run', title: 'Sum up', input, policy },
      { id: 'done', kind: 'control.return', title: 'Done', input: { output: '{{ steps.code.output }}' } },
    ],
    edges: [
      { id: 'e1', from: 'start', to: 'code' },
      { id: 'e2', from: 'code', to: 'done' },
    ],
  });
  const compiled = compileFlow({
    flowId: 'flow_00000000000000000000000000000001',
    flowVersion: 1,
    title: 'Code',
    graph,
    manifests: manifests().nodes,
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.plan;
};
const sum = {
  language: 'typescript',
  code: 'interface Line { price: number }\nconst { lines } = input as { lines: Line[] };\nconsole.log("{{ lines }}", lines.length);\nreturn { total: lines.reduce((sum: number, { price }) => sum + price, 0) };',
  input: { lines: '{{ trigger.lines }}' },
};
const trigger = { lines: [{ price: 2 }, { price: 5.5 }] };

describe('a code step', () => {
  it('waits for a worker that serves its queue, and runs there', async () => {
    const run = await harness.start(aPlan(sum), { trigger });
    const { activities } = await eventually(
      async () => {
        const { raw } = await run.handle.describe();
        return { activities: raw.pendingActivities ?? [] };
      },
      ({ activities: pending }) => pending.length === 1,
    );
    expect(activities[0]?.activityType?.name).toBe('code.run@1');
    await startCodeWorker();
    expect(await run.result()).toEqual({
      status: 'succeeded',
      output: { result: { total: 7.5 }, console: [{ level: 'log', text: '{{ lines }} 2' }], droppedLines: 0 },
    });
    const { events } = await run.handle.fetchHistory();
    const scheduled = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: event }) => event ?? []);
    const started = (events ?? []).flatMap(({ activityTaskStartedEventAttributes: event }) => event ?? []);
    expect(scheduled.map((event) => event.taskQueue?.name)).toEqual(['code']);
    expect(started.map((event) => event.identity)).toEqual(['code-worker']);
  });

  it('that misbehaves stops itself alone: its neighbours finish, and a person repairs it', async () => {
    const once = { maximumAttempts: 1 };
    const hostile = [
      ['return Array(2 ** 32 - 1).join("x")', 'code_timed_out'],
      ['for (;;) {}', 'code_timed_out'],
      ['return new ArrayBuffer(2 ** 31 - 1)', 'out_of_memory'],
      ['const f = () => f(); f()', 'code_failed'],
      ['process.exit(1)', 'code_failed'],
    ] as const;
    const limits = { timeoutSeconds: 2, memoryMegabytes: 32 };
    const attacks = await Promise.all(hostile.map(([code]) => harness.start(aPlan({ code, ...limits }, once))));
    const neighbours = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => harness.start(aPlan(sum), { trigger: { lines: [{ price: n }] } })),
    );
    const results = await Promise.all(neighbours.map((run) => run.result()));
    expect(results.map(({ output }) => (output as { result: { total: number } }).result.total)).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
    for (const [index, run] of attacks.entries()) {
      const { steps } = await untilStatus(run, 'needs_attention');
      const step = steps.find(({ path }) => path === 'code');
      expect(step).toMatchObject({ status: 'needs_attention', failure: { name: hostile[index]?.[1] } });
    }
    expect(codeWorker.state()).toBe('RUNNING');

    const [first] = attacks;
    if (!first) throw new Error('unreachable');
    await repairRun(harness.client, { orgId: harness.orgId, runId: first.runId }, 'retryStep', {
      requestId: randomUUID(),
      by: { userId: 'user_1', name: 'Ada', role: 'operator' },
      path: 'code',
      input: { code: 'return "repaired"' },
    });
    expect(await first.result()).toMatchObject({ status: 'succeeded', output: { result: 'repaired' } });
  });

  it('ends when its run is cancelled, long before its time', async () => {
    const before = performance.now();
    const run = await harness.start(aPlan({ code: 'for (;;) {}', timeoutSeconds: 60 }));
    await eventually(
      async () => (await run.projection()).steps.find(({ path }) => path === 'code')?.status,
      (status) => status === 'running',
    );
    await repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, 'cancelRun', {
      requestId: randomUUID(),
      by: { userId: 'user_1', name: 'Ada', role: 'operator' },
    });
    await expect(run.result()).rejects.toThrow('Workflow execution cancelled');
    // Its place is free again.
    const next = await harness.start(aPlan({ code: 'return 1' }));
    expect(await next.result()).toMatchObject({ status: 'succeeded' });
    expect(performance.now() - before).toBeLessThan(40_000);
  });
});

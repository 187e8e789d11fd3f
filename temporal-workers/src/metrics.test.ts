import { deferredFailure } from '@everwave/schema/run';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { countAttempts } from './count-attempts.ts';
import { createMetrics } from './metrics.ts';

const create = () =>
  createMetrics({ version: '1.2.3', queued: () => 7, poolUse: () => ({ transactions: 2, connections: 10 }) });
const transition = (status: 'running' | 'succeeded', at = 0) => ({ seq: 1, at, status });
const entry = (flowId: string, status: 'running' | 'succeeded', at = 0) =>
  ({
    kind: 'run',
    run: { orgId: 'org_1', runId: 'run_1', flowId },
    temporalRunId: 't',
    startedAt: 1_000,
    transition: transition(status, at),
  }) as const;

it('counts runs by status and flow, and measures those that ended', async () => {
  const metrics = create();
  metrics.count(entry('flow_1', 'running', 1_000));
  metrics.count(entry('flow_1', 'succeeded', 3_500));
  const text = await metrics.registry.metrics();
  expect(text).toContain('everwave_run_transitions_total{status="succeeded",flow="flow_1"} 1');
  expect(text).toContain('everwave_run_duration_seconds_sum{status="succeeded"} 2.5');
  expect(text).not.toContain('everwave_run_duration_seconds_sum{status="running"}');
  expect(text).not.toContain('run_1');
  expect(text).toContain('everwave_projection_queue 7');
  expect(text).toContain('everwave_database_transactions 2');
  expect(text).toContain('everwave_build_info{version="1.2.3"} 1');
});

it('does not grow with the number of flows for ever', async () => {
  const metrics = create();
  for (let flow = 0; flow < 1_000; flow += 1) metrics.count(entry(`flow_${flow}`, 'running'));
  const series = (await metrics.registry.metrics()).match(/^everwave_run_transitions_total\{.*$/gm) ?? [];
  expect(series).toHaveLength(201);
  expect(series).toContain('everwave_run_transitions_total{status="running",flow="other"} 800');
});

it('counts steps by their state', async () => {
  const metrics = create();
  const run = { orgId: 'org_1', runId: 'run_1', flowId: 'flow_1' };
  const step = { stepId: 'send', path: 'send', ordinal: 1, seq: 1, at: 0, status: 'needs_attention' as const };
  metrics.count({ kind: 'step', run, temporalRunId: 't', transition: step });
  expect(await metrics.registry.metrics()).toContain('everwave_step_transitions_total{status="needs_attention"} 1');
});

it('counts dollars apart from everything else that steps use', async () => {
  const metrics = create();
  const reading = {
    orgId: 'org_1',
    flowId: 'flow_1',
    runId: 'run_1',
    path: 'ask',
    ordinal: 1,
    attempt: 1,
    attemptAt: 0,
    activity: 'openai.generateText@1',
  };
  metrics.meter([
    { ...reading, meter: 'costUsd', unit: 'USD', amount: 0.25 },
    { ...reading, meter: 'costUsd', unit: 'USD', amount: 0.5 },
    { ...reading, meter: 'inputTokens', unit: 'token', amount: 120 },
    { ...reading, meter: 'inputTokens', unit: 'token', amount: Number.NaN },
  ]);
  const text = await metrics.registry.metrics();
  expect(text).toContain('everwave_cost_usd_total{activity="openai.generateText@1"} 0.75');
  expect(text).toContain('everwave_usage_total{activity="openai.generateText@1",meter="inputTokens",unit="token"} 120');
});

it('counts each attempt by activity and by how it ended', async () => {
  const metrics = create();
  const context = { info: { activityType: 'slack.postMessage@1' } } as Parameters<ReturnType<typeof countAttempts>>[0];
  const { inbound } = countAttempts(metrics.attempt)(context);
  const input: ActivityExecuteInput = { args: [], headers: {} };
  const attempt = (ending: () => Promise<unknown>) => inbound?.execute?.(input, ending).catch(() => 'thrown');
  await attempt(async () => 'fine');
  expect(await attempt(async () => Promise.reject(new Error('no')))).toBe('thrown');
  await attempt(async () => Promise.reject(ApplicationFailure.nonRetryable('later', deferredFailure)));
  await attempt(async () => Promise.reject(new CancelledFailure('stop')));
  const text = await metrics.registry.metrics();
  for (const status of ['succeeded', 'failed', 'deferred', 'cancelled']) {
    expect(text).toContain(`everwave_attempts_total{activity="slack.postMessage@1",status="${status}"} 1`);
  }
  expect(text).toContain('everwave_attempt_duration_seconds_count{activity="slack.postMessage@1"} 4');
});

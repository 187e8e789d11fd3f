import { randomUUIDv7 } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { toId } from '@everwave/schema/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callWith, createTestApi, metricsToken, type TestApi } from '../../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi({ limits: { anonymousPerMinute: 3 } });
});
afterAll(() => api.close());

const scrape = async (): Promise<string> => {
  const { status, text } = await callWith(api.app)('GET /metrics', undefined, {
    authorization: `Bearer ${metricsToken}`,
  });
  expect(status).toBe(200);
  return text;
};

describe('GET /metrics', () => {
  it.each([undefined, 'Bearer wrong', metricsToken])('refuses %s and says what is missing', async (authorization) => {
    const answer = await callWith(api.app)('GET /metrics', undefined, authorization ? { authorization } : {});
    expect(answer).toMatchObject({ status: 403, body: { code: 'metrics_closed' } });
    expect(answer.body.detail).toContain('EVERWAVE_METRICS_TOKEN');
    expect(answer.text).not.toContain(metricsToken);
  });

  it('tells the backlog of Temporal’s task queues, its workers, and the pool', async () => {
    api.temporal.queues = [
      { queue: 'flow', kind: 'activity', backlog: 12, oldestMs: 2_500, pollers: [{ identity: 'w1', lastSeenAt: 0 }] },
    ];
    const text = await api.db.transaction(() => scrape());
    expect(text).toContain('everwave_task_queue_backlog{queue="flow",kind="activity"} 12');
    expect(text).toContain('everwave_task_queue_backlog_age_seconds{queue="flow",kind="activity"} 2.5');
    expect(text).toContain('everwave_task_queue_pollers{queue="flow",kind="activity"} 1');
    expect(text).toContain('everwave_dependency_up{dependency="temporal"} 1');
    expect(text).toContain('everwave_dependency_up{dependency="postgres"} 1');
    expect(text).toMatch(/^everwave_database_pool_connections 10$/m);
    expect(text).toMatch(/^everwave_database_transactions 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]/m);
    expect(text).toMatch(/^everwave_process_memory_limit_bytes [1-9]/m);
    expect(text).toMatch(/^everwave_process_cpu_cores [1-9]/m);
  });

  it('shows Temporal as down and forgets what it had told', async () => {
    await scrape();
    api.temporal.down = true;
    const text = await scrape();
    api.temporal.down = false;
    expect(text).toContain('everwave_dependency_up{dependency="temporal"} 0');
    expect(text).not.toMatch(/^everwave_task_queue_backlog\{/m);
    expect(text).toContain('everwave_dependency_up{dependency="postgres"} 1');
  });

  it('counts runs that wait for a place, and takes none of them for late', async () => {
    const { orgId } = await api.createOrg();
    const id = toId('run', randomUUIDv7());
    await withSystem(api.db, (tx) =>
      tx.insert(tables.runs).values({
        id,
        orgId,
        flowId: toId('flow', randomUUIDv7()),
        flowVersion: 1,
        planHash: 'x',
        triggerNodeId: 'start',
        triggerKind: 'trigger.manual',
        rootRunId: id,
        workflowId: id,
        triggerSealed: new Uint8Array([1]),
        createdAt: new Date(Date.now() - 3_600_000),
        placedAt: null,
      }),
    );
    const text = await scrape();
    expect(text).toMatch(/^everwave_runs_without_place 1$/m);
    expect(text).toMatch(/^everwave_inbox_lag_seconds 0$/m);
  });

  it('counts open dead letters', async () => {
    const { orgId } = await api.createOrg();
    const letter = (ordinal: number, resolvedAt: Date | null) => ({
      id: toId('dead', randomUUIDv7()),
      orgId,
      runId: toId('run', randomUUIDv7()),
      flowId: toId('flow', randomUUIDv7()),
      path: 'send',
      ordinal,
      stepId: 'send',
      fingerprint: 'x',
      failure: { name: 'refused', message: 'no' },
      attempts: 1,
      resolvedAt,
    });
    await withSystem(api.db, (tx) =>
      tx.insert(tables.deadLetters).values([letter(1, null), letter(2, null), letter(3, new Date())]),
    );
    expect(await scrape()).toMatch(/^everwave_dead_letters_open 2$/m);
  });

  it('counts refusals by rate limit, by route', async () => {
    const call = callWith(api.app);
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await call('GET /v1/runs')).status);
    const refused = statuses.filter((status) => status === 429).length;
    expect(refused).toBeGreaterThan(0);
    const counted = [...(await scrape()).matchAll(/^everwave_rate_limit_refusals_total\{route="[^"]+"\} (\d+)$/gm)];
    expect(counted.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(refused);
  });
});

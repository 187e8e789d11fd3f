import { afterEach, describe, expect, it } from 'vitest';
import { type HealthServer, startHealthServer } from './health-server.ts';
import { createMetrics } from './metrics.ts';

const servers: HealthServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const start = async (problems: readonly string[] = [], port = 0) => {
  const metrics = createMetrics(() => 7);
  const server = await startHealthServer({
    host: '127.0.0.1',
    port,
    metrics: metrics.registry,
    problems: () => Promise.resolve(problems),
  });
  servers.push(server);
  return { metrics, server, get: (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`) };
};

describe('the health server', () => {
  it('says that the process lives, and whether it can work', async () => {
    const { get } = await start(['the database does not answer']);
    expect((await get('/healthz')).status).toBe(200);
    const ready = await get('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ status: 'not ready', problems: ['the database does not answer'] });
    expect((await (await start()).get('/readyz')).status).toBe(200);
    expect((await get('/elsewhere')).status).toBe(404);
  });

  it('counts attempts and transitions for Prometheus', async () => {
    const { get, metrics } = await start();
    const run = { orgId: 'org_1', runId: 'run_1', flowId: 'flow_1' };
    const step = { path: 'send', ordinal: 1, attempt: 1 };
    metrics.count({ kind: 'attemptEnded', run, step, at: 0, status: 'failed' });
    metrics.count({ kind: 'run', run, temporalRunId: 't', transition: { seq: 1, at: 0, status: 'succeeded' } });
    const text = await (await get('/metrics')).text();
    expect(text).toContain('everwave_attempts_total{status="failed"} 1');
    expect(text).toContain('everwave_run_transitions_total{status="succeeded"} 1');
    expect(text).toContain('everwave_projection_queue 7');
  });

  it('says which port is taken and which setting changes it', async () => {
    const { server } = await start();
    await expect(start([], server.port)).rejects.toThrow(
      `Port ${server.port} on 127.0.0.1 is taken. Free it, or set EVERWAVE_WORKER_PORT`,
    );
  });
});

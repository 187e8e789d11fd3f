import { afterEach, describe, expect, it } from 'vitest';
import { type HealthServer, startHealthServer } from './health-server.ts';

const servers: HealthServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const start = async (problems: readonly string[] = [], { port = 0, metricsToken = null as string | null } = {}) => {
  const server = await startHealthServer({
    host: '127.0.0.1',
    port,
    readMetrics: async () => 'everwave_projection_queue 7\n',
    metricsToken,
    problems: () => Promise.resolve(problems),
  });
  servers.push(server);
  return {
    server,
    get: (path: string, headers = {}) => fetch(`http://127.0.0.1:${server.port}${path}`, { headers }),
  };
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

  it('shows its metrics to this machine, and to nobody whom a proxy asks for', async () => {
    const { get } = await start();
    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('everwave_projection_queue 7');
    expect((await get('/metrics', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(403);
  });

  it('shows its metrics to whoever has the token, when there is one', async () => {
    const { get } = await start([], { metricsToken: 'token-of-this-test' });
    const refused = await get('/metrics');
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('EVERWAVE_METRICS_TOKEN');
    expect((await get('/metrics', { authorization: 'Bearer token-of-this-test' })).status).toBe(200);
  });

  it('says which port is taken and which setting changes it', async () => {
    const { server } = await start();
    await expect(start([], { port: server.port })).rejects.toThrow(
      `Port ${server.port} on 127.0.0.1 is taken. Free it, or set EVERWAVE_WORKER_PORT`,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { createApp, routeTable } from '../app.ts';
import type { AppDependencies } from '../context.ts';
import { createLogger } from '@everwave/temporal/logger';
import { createMetrics } from '../metrics.ts';
import { defaultLimits } from '../settings.ts';
import { undeclaredRoutes } from './default-deny.ts';
import { accessOf } from './route-table.ts';

/** The app without a database: whatever gets past the table fails otherwise than with 404. */
const createBareApp = () => {
  const settings = { webUrl: 'http://127.0.0.1:3000', limits: defaultLimits };
  const log = createLogger({ service: 'api', level: 'silent' });
  const metrics = createMetrics({ version: 'test', poolUse: () => ({ transactions: 0, connections: 0 }) });
  return createApp({ settings, log, metrics } as unknown as AppDependencies);
};

const { entries } = routeTable;

describe('the table of routes', () => {
  it('has every way into the api', () => {
    const app = createBareApp();
    expect(app.routes.length).toBeGreaterThan(entries.length);
    expect(undeclaredRoutes(app, routeTable)).toEqual([]);
  });

  it('has nothing that does not answer', () => {
    const registered = new Set(createBareApp().routes.map(({ method, path }) => `${method} ${path}`));
    const dead = entries.filter(({ method, path }) => !registered.has(`${method} ${path}`));
    expect(dead).toEqual([]);
  });

  it('has each way once, and says of each public one why that is safe', () => {
    const ways = entries.map(({ method, path }) => `${method} ${path}`);
    expect(ways.length).toBeGreaterThan(100);
    expect(new Set(ways).size).toBe(ways.length);
    for (const { path, access } of entries) {
      if (access.kind === 'public') expect(access.because.length, path).toBeGreaterThan(20);
    }
  });

  it('takes no operation that says neither a permission nor a reason', () => {
    const route = { method: 'get', operationId: 'readDebug', getRoutingPath: () => '/v1/debug' };
    for (const declared of [undefined, '', 'flows', 'public', 'FLOWS:READ', 'everything']) {
      const broken = { ...route, 'x-permission': declared as string };
      expect(() => accessOf(broken), String(declared)).toThrow('readDebug');
    }
    expect(accessOf({ ...route, 'x-permission': 'flows:read' })).toEqual({
      kind: 'permission',
      permission: 'flows:read',
    });
  });

  it('knows the methods of a path by its shape alone', () => {
    expect(routeTable.methodsAt('/v1/flows').toSorted()).toEqual(['GET', 'POST']);
    for (const path of ['/v1/flows/', '/V1/flows', '/v1/flowsx', '/x/v1/flows', '/v1//flows', '/openapixjson']) {
      expect(routeTable.methodsAt(path), path).toEqual([]);
    }
  });
});

describe('a route that stands in no table', () => {
  it.each([
    ['GET', '/v1/debug', '/v1/debug'],
    ['POST', '/debug/:name', '/debug/anything'],
    ['GET', '/v1/runs/:runId/dump', '/v1/runs/run_1/dump'],
    ['GET', '/auth/ok', '/auth/ok'],
    ['ALL', '/internal/*', '/internal/state'],
    ['DELETE', '/healthz', '/healthz'],
  ])('is named by the check and answers 404: %s %s', async (method, path, asked) => {
    const app = createBareApp();
    app.on(method, path, (c) => c.text('wide open'));
    expect(undeclaredRoutes(app, routeTable)).toEqual([`${method} ${path}`]);
    const answer = await app.request(asked, { method: method === 'ALL' ? 'PUT' : method });
    expect([404, 405]).toContain(answer.status);
    expect(await answer.text()).not.toContain('wide open');
  });

  it('cannot stand in front of a route that does', async () => {
    const app = createBareApp();
    app.get('/health*', (c) => c.text('wide open'));
    expect(undeclaredRoutes(app, routeTable)).toEqual(['GET /health*']);
    expect((await app.request('/healthz')).status).toBe(404);
  });
});

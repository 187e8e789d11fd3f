import { writeFileSync } from 'node:fs';
import { flowSchema } from '@everwave/schema/api';
import { tables, withSystem } from '@everwave/schema/db';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createApp, routeTable } from './app.ts';
import { otherRoutes } from './edge/other-routes.ts';
import { createRouteTable } from './edge/route-table.ts';
import { allow, dependenciesOf, openToAll, problems, reply } from './http/operation.ts';
import { operations } from './routes/operations.ts';
import { runMatrix } from './testing/security-matrix/run-matrix.ts';
import { createTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  const limits = { callsPerMinute: 1e6, anonymousPerMinute: 1e6, signInsPerMinute: 1e6, streamsInAll: 1e6 };
  api = await createTestApi({ limits: { ...limits, streamsPerCaller: 1e6 } });
});
afterAll(() => api.close());

describe('the security matrix', () => {
  it('finds no answer that the declared access of a route does not allow, at any route', async () => {
    const { unexpected, uncovered, ...counts } = await runMatrix(api, api.app, routeTable);
    const summary = { routes: counts.routes, covered: counts.covered, unexpected: unexpected.length };
    // `pnpm security:matrix` prints it.
    const file = process.env['EVERWAVE_MATRIX_REPORT'];
    if (file) writeFileSync(file, JSON.stringify({ ...summary, cells: counts.cells, found: unexpected, uncovered }));
    expect({ unexpected, uncovered }).toEqual({ unexpected: [], uncovered: [] });
    expect(summary).toEqual({ routes: routeTable.entries.length, covered: counts.routes, unexpected: 0 });
    expect(counts.routes).toBeGreaterThanOrEqual(110);
    expect(counts.cells).toBeGreaterThan(12_000);
  }, 300_000);
});

/** Operations as nobody should write them. */
const wrong = {
  path: '/v1/flows/{flowId}/debug',
  request: { params: z.object({ flowId: flowIdSchema }) },
  responses: { 200: reply('The flow.', flowSchema.pick({ id: true, name: true })), ...problems(401, 403, 404, 429) },
};
const readAnybodysFlow = defineOpenAPIRoute({
  route: createRoute({ ...wrong, method: 'get', operationId: 'readAnybodysFlow', ...allow('flows:read') }),
  handler: async (c) => {
    const { db } = dependenciesOf(c);
    const { flowId } = c.req.valid('param');
    const [flow] = await withSystem(db, (tx) => tx.select().from(tables.flows).where(eq(tables.flows.id, flowId)));
    return c.json({ id: flowId, name: flow?.name ?? '' }, 200);
  },
});
const declaredButNotAsked = defineOpenAPIRoute({
  route: createRoute({
    ...wrong,
    method: 'post',
    operationId: 'declaredButNotAsked',
    ...openToAll('In truth it is not.'),
    // What the table says is not what the route does.
    'x-permission': 'flows:write' as const,
  }),
  handler: (c) => c.json({ id: c.req.valid('param').flowId, name: 'Anybody' }, 200),
});
const ofSomethingUnknown = defineOpenAPIRoute({
  route: createRoute({
    ...wrong,
    method: 'get',
    path: '/v1/gadgets/{gadgetId}',
    operationId: 'readGadget',
    request: { params: z.object({ gadgetId: z.string() }) },
    ...allow('flows:read'),
  }),
  handler: (c) =>
    c.json({ id: flowIdSchema.parse(`flow_${'0'.repeat(32)}`), name: c.req.valid('param').gadgetId }, 200),
});

describe('the matrix turns red for', () => {
  const reportOf = async (
    ...rogues: readonly (typeof readAnybodysFlow | typeof declaredButNotAsked | typeof ofSomethingUnknown)[]
  ) => {
    const table = createRouteTable(rogues, otherRoutes.slice(0, 1));
    const app = createApp(api.dependencies, createRouteTable([...operations, ...rogues], otherRoutes));
    for (const { route, handler } of rogues) app.openapi(route, handler as never);
    return runMatrix(api, app, table);
  };

  it('a route that forgets whose org asks', async () => {
    const { unexpected } = await reportOf(readAnybodysFlow);
    expect(unexpected).toContainEqual(expect.stringMatching(/owner, with a session, with their flowId → 200/));
    expect(unexpected).toContainEqual(expect.stringMatching(/owner, with a key, with their flowId → 200/));
  });

  it('a route that does not ask for what it declares', async () => {
    const { unexpected } = await reportOf(declaredButNotAsked);
    const refused = [
      'no caller',
      'a session that is over',
      'a session that was revoked',
      'viewer, with a session',
      'a revoked member',
      'a person whose role holds flows:read',
      'a service account, viewer',
      'an owner who must enrol a second factor',
      'an owner who must confirm the address',
    ];
    for (const caller of refused) {
      expect(unexpected).toContainEqual(expect.stringContaining(`${caller} → `));
    }
    expect(unexpected.filter((line) => /developer|holds flows:write/.test(line))).toEqual([]);
  });

  it('a route whose ids nobody made for it', async () => {
    const { routes, covered, uncovered } = await reportOf(ofSomethingUnknown);
    expect([routes, covered]).toEqual([2, 1]);
    expect(uncovered).toEqual([expect.stringContaining('makes nothing with a gadgetId')]);
  });
});

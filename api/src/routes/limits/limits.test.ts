import { tables, withOrg } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { webhookFlow } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let admin: Call;
let flowId: string;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  admin = await org.as('admin');
  flowId = (await admin('POST /v1/flows', { name: 'Orders', graph: webhookFlow() })).body.id;
});

const none = { atOnce: null, rate: null };

describe('limits of the org', () => {
  it('are none at first, and are what was set afterwards, with a default that holds for each flow', async () => {
    expect((await admin('GET /v1/limits')).body).toEqual({
      runs: none,
      eachFlow: { ...none, whenFull: 'wait' },
      steps: none,
      usage: { runs: { running: 0, waiting: 0 }, steps: { running: 0, waiting: 0 } },
    });
    const asked = {
      runs: { atOnce: 50, rate: { count: 600, seconds: 60 } },
      eachFlow: { atOnce: 5, whenFull: 'skip' },
      steps: { rate: { count: 20, seconds: 1 } },
    };
    const { status, body } = await admin('PUT /v1/limits', asked);
    expect([status, body]).toMatchObject([
      200,
      {
        runs: asked.runs,
        eachFlow: { ...asked.eachFlow, rate: null },
        steps: { atOnce: null, rate: { count: 20, seconds: 1, burst: 20 } },
      },
    ]);
    expect((await admin('GET /v1/limits')).body).toEqual(body);
    expect((await admin(`GET /v1/flows/${flowId}/limits`)).body).toMatchObject({
      runs: null,
      eachFlow: asked.eachFlow,
    });
    await admin('PUT /v1/limits', {});
    expect(await withOrg(api.db, org.orgId, (tx) => tx.select().from(tables.limits))).toEqual([]);
  });

  it('are set by administrators alone, and read by everybody', async () => {
    for (const role of ['developer', 'operator', 'viewer'] as const) {
      const call = await org.as(role);
      expect((await call('PUT /v1/limits', {})).status).toBe(403);
      expect((await call('GET /v1/limits')).status).toBe(200);
    }
  });

  it.each([
    [{ runs: { atOnce: 0 } }, 'runs.atOnce'],
    [{ runs: { atOnce: 1.5 } }, 'runs.atOnce'],
    [{ runs: { rate: { count: 1, seconds: 90_000 } } }, 'runs.rate.seconds'],
    [{ steps: { rate: { count: 1, seconds: 1, burst: 0 } } }, 'steps.rate.burst'],
    [{ eachFlow: { whenFull: 'replace' } }, 'eachFlow.atOnce'],
    [{ runs: { atonce: 3 } }, 'runs.atonce'],
  ])('%j are refused at %s', async (asked, path) => {
    const { status, body } = await admin('PUT /v1/limits', asked);
    expect([status, body.errors[0].path]).toEqual([400, path]);
  });
});

describe('limits of a flow', () => {
  it('are its own, also where they lift what holds for each flow, and go when they are taken away', async () => {
    await admin('PUT /v1/limits', { eachFlow: { atOnce: 1 } });
    const lifted = await admin(`PUT /v1/flows/${flowId}/limits`, { runs: {} });
    expect(lifted.body).toMatchObject({ runs: { ...none, whenFull: 'wait' }, eachFlow: { atOnce: 1 } });
    expect((await admin(`PUT /v1/flows/${flowId}/limits`, {})).body.runs).toBeNull();
  });

  it('name its steps, and replace those of before', async () => {
    const [first, second] = webhookFlow().nodes.map(({ id }) => id);
    const limit = { atOnce: 2 };
    await admin(`PUT /v1/flows/${flowId}/limits`, { nodes: { [first ?? '']: limit } });
    const { body } = await admin(`PUT /v1/flows/${flowId}/limits`, { nodes: { [second ?? '']: limit } });
    expect(body.nodes).toEqual({ [second ?? '']: { atOnce: 2, rate: null } });
    const refused = await admin(`PUT /v1/flows/${flowId}/limits`, { nodes: { nowhere: limit } });
    expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([
      422,
      'limits_invalid',
      'nodes.nowhere',
    ]);
  });

  it('leave a line in the audit log', async () => {
    await admin(`PUT /v1/flows/${flowId}/limits`, { runs: { atOnce: 3 } });
    const rows = await withOrg(api.db, org.orgId, (tx) =>
      tx.select().from(tables.auditEvents).where(eq(tables.auditEvents.action, 'flow.limits_set')),
    );
    expect(rows).toMatchObject([{ targetId: flowId, changes: { 'runs.atOnce': { after: 3 } } }]);
  });

  it('of another org are not there', async () => {
    const stranger = await (await api.createOrg()).as('admin');
    expect((await stranger(`GET /v1/flows/${flowId}/limits`)).status).toBe(404);
    expect((await stranger(`PUT /v1/flows/${flowId}/limits`, { runs: { atOnce: 1 } })).status).toBe(404);
  });
});

it('limits of a connection are set by whoever may change it', async () => {
  const made = await admin('POST /v1/connections', {
    name: 'Shop',
    kind: 'example.token',
    settings: { baseUrl: 'https://shop.example.org' },
    secret: { token: 'token-of-the-shop' },
  });
  const address = `/v1/connections/${made.body.id}/limits`;
  const asked = { steps: { atOnce: 5, rate: { count: 100, seconds: 60 } } };
  expect((await (await org.as('operator'))(`PUT ${address}`, asked)).status).toBe(403);
  const { body } = await admin(`PUT ${address}`, asked);
  expect(body.steps).toEqual({ atOnce: 5, rate: { count: 100, seconds: 60, burst: 1 } });
  expect((await admin(`GET ${address}`)).body).toEqual(body);
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createActivities } from '@everwave/activities/worker';
import { tables, withOrg } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createActivityDependencies } from '../src/stores/activity-dependencies.ts';
import { createHarness, eventually, type Harness } from './harness.ts';
import { retrying } from './plans.ts';

let harness: Harness;
let server: Server;
let address: string;
let atOnce = 0;
let most = 0;

beforeAll(async () => {
  server = createServer((_request, response) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    setTimeout(() => {
      atOnce -= 1;
      response.end('{}');
    }, 1_000);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  harness = await createHarness({
    activities: (tools) => createActivities(createActivityDependencies({ ...tools, egressAllow: [address] })),
  });
});
afterAll(async () => {
  await harness.close();
  server.close();
});

it('steps over a limit come back without spending an attempt, and the service never sees more at once', async () => {
  const { db, orgId } = harness;
  await withOrg(db, orgId, (tx) =>
    tx.insert(tables.limits).values({ orgId, subject: 'org', kind: 'steps', atOnce: 2 }),
  );
  const step = anAction({
    activity: 'http.request@1',
    input: { method: 'GET', url: `http://${address}/` },
    options: { ...retrying(1), startToCloseTimeout: '10s' },
  });
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
  const run = await harness.start(
    aPlan({
      steps: Object.fromEntries(names.map((name) => [name, step])),
      edges: names.map((name) => `start -> ${name}` as const),
    }),
  );
  expect(await run.result()).toMatchObject({ status: 'succeeded' });
  expect(most).toBe(2);
  await eventually(
    () => run.projection(),
    (shown) => shown.run.status === 'succeeded',
  );
  const attempts = await withOrg(db, orgId, (tx) =>
    tx.select().from(tables.runAttempts).where(eq(tables.runAttempts.runId, run.runId)),
  );
  const deferred = attempts.filter(({ status }) => status === 'deferred');
  expect(deferred.length).toBeGreaterThan(0);
  expect(deferred[0]?.failure?.message).toMatch(
    /^Waits for a free place of the organisation \(2 at once\): \d+ before it\.$/,
  );
  expect(attempts.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(await withOrg(db, orgId, (tx) => tx.select().from(tables.stepLeases))).toEqual([]);
}, 60_000);

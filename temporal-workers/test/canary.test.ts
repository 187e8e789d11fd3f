import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSystem } from '@everwave/schema/db';
import { type DevServer, startDevServer } from '@everwave/temporal/dev-server';
import { repairRun } from '@everwave/temporal/runs';
import { ApplicationFailure } from '@temporalio/common';
import proto from '@temporalio/proto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalBinary } from '../../scripts/testing/temporal.ts';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

const canary = `canary${randomBytes(8).toString('hex')}`;
const folder = mkdtempSync(join(tmpdir(), 'everwave-canary-'));
let server: DevServer;
let harness: Harness;
let run: RunUnderTest;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

/** The canary goes everywhere a value can go: in, out, into titles, failures, repairs and stacks. */
beforeAll(async () => {
  server = await startDevServer({
    binary: await temporalBinary(),
    host: '127.0.0.1',
    port: await freePort(),
    uiPort: null,
    databaseFile: join(folder, 'temporal.db'),
    namespace: 'default',
  });
  harness = await createHarness({
    address: server.address,
    activities: {
      ...createFakeActivities().activities,
      'test.leak@1': async () => {
        throw ApplicationFailure.nonRetryable(`Leaks ${canary}`, 'leaky', { name: 'leaky', message: `In ${canary}` });
      },
    },
  });
  run = await harness.start(
    aPlan({
      steps: {
        first: anAction({ activity: 'test.echo@1', title: `Call ${canary}`, input: { value: '{{ trigger.value }}' } }),
        pause: { type: 'delay', duration: '50ms', title: `Wait for ${canary}` },
        leak: anAction({ activity: 'test.leak@1', options: retrying(1) }),
        done: { type: 'return', output: '{{ steps.leak.output }}' },
      },
      edges: ['start -> first', 'first -> pause', 'pause -> leak', 'leak -> done'],
    }),
    { trigger: { value: canary } },
  );
  await untilStatus(run, 'needs_attention');
  await repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, 'completeStep', {
    requestId: 'req_1',
    by: { userId: canary, name: canary, role: 'operator' },
    path: 'leak',
    output: { value: canary },
  });
  expect((await run.result()).output).toEqual({ value: canary });
  await untilStatus(run, 'succeeded');
});
afterAll(async () => {
  await harness.close();
  await server.stop();
});

describe('a value that belongs to somebody', () => {
  it("is nowhere in Temporal's history", async () => {
    const history = await run.handle.fetchHistory();
    const bytes = Buffer.from(proto.temporal.api.history.v1.History.encode(history).finish());
    expect(bytes.includes(run.runId)).toBe(true);
    expect(bytes.includes(canary)).toBe(false);
  });

  it("is nowhere in what Temporal's own pages are given", async () => {
    const { raw } = await run.handle.describe();
    const bytes = Buffer.from(
      proto.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse.encode(raw).finish(),
    );
    expect(bytes.includes(run.workflowId)).toBe(true);
    expect(bytes.includes(canary)).toBe(false);
  });

  it("is nowhere in Temporal's database file", () => {
    const files = readdirSync(folder).map((file) => readFileSync(join(folder, file)));
    expect(files.some((bytes) => bytes.includes(run.runId))).toBe(true);
    expect(files.filter((bytes) => bytes.includes(canary))).toEqual([]);
  });

  it('is in none of our tables, but for what was said about a failure and by whom', async () => {
    const found = await withSystem(harness.db, async (tx) => {
      const tables = await tx.execute(
        sql`select table_name from information_schema.columns where table_schema = 'public' and column_name = 'org_id'`,
      );
      const hits: string[] = [];
      for (const { table_name: table } of tables) {
        const hex = Buffer.from(canary).toString('hex');
        const rows = await tx.execute(
          sql`select to_jsonb(t) - 'failure' - 'resolved_by' - 'attributes' as row from ${sql.identifier(String(table))} t`,
        );
        const text = JSON.stringify(rows);
        if (text.includes(canary) || text.includes(hex)) hits.push(String(table));
      }
      return { hits, count: tables.length };
    });
    expect(found.count).toBeGreaterThan(10);
    expect(found.hits).toEqual([]);
  });
});

import { tables, withOrg } from '@everwave/schema/db';
import { Client, Connection } from '@temporalio/client';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestNamespace, temporalAddress } from '../../scripts/testing/temporal.ts';
import { createApp } from './app.ts';
import type { ConnectedTemporal } from './connect-temporal.ts';
import { createDispatcher } from './dispatch/dispatcher.ts';
import { createLazyTemporal } from './lazy-temporal.ts';
import { aGraph, aNode } from './testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from './testing/test-api.ts';

const canary = 'canary-value-in-history-5521';

let api: TestApi;
let org: TestOrg;
let developer: Call;
let temporal: ConnectedTemporal;
let connection: Connection;
let namespace: string;
beforeAll(async () => {
  api = await createTestApi();
  org = await api.createOrg();
  developer = await org.as('developer');
  namespace = await createTestNamespace();
  const address = await temporalAddress();
  temporal = createLazyTemporal({ address, namespace, apiKey: null, tls: null }, api.ring, api.dependencies.log);
  connection = await Connection.connect({ address });
});
afterAll(async () => {
  await temporal.close();
  await connection.close();
  await api.close();
});

const startedRun = async (): Promise<string> => {
  const graph = aGraph(
    [aNode('start', 'trigger.manual'), aNode('end', 'control.return', { input: { output: 1 } })],
    [['start', 'end']],
  );
  const { id } = (await developer('POST /v1/flows', { name: 'Orders', graph })).body;
  await developer(`POST /v1/flows/${id}/publish`);
  const { runId } = (await developer(`POST /v1/flows/${id}/runs`, { input: { note: canary } })).body;
  await createDispatcher({ ...api.dependencies, temporal }).round();
  return runId;
};

const historyOf = async (runId: string) => {
  const client = new Client({ connection, namespace });
  return client.workflow.getHandle(`t/${org.orgId}/r/${runId}`).fetchHistory();
};

describe('a real Temporal', () => {
  it('gets a queued run once, with everything in history unreadable but ids', async () => {
    const runId = await startedRun();
    const run = (await developer(`GET /v1/runs/${runId}`)).body;
    expect(run).toMatchObject({ status: 'running', temporalRunId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const { events } = await historyOf(runId);
    const text = JSON.stringify(events);
    for (const value of [canary, Buffer.from(canary).toString('base64'), 'Orders']) expect(text).not.toContain(value);
    const client = new Client({ connection, namespace });
    const described = await client.workflow.getHandle(`t/${org.orgId}/r/${runId}`).describe();
    expect([described.type, described.runId]).toEqual(['runFlow', run.temporalRunId]);
  });

  it('shows its values through the codec to the org they belong to, and each look is noted', async () => {
    const { events } = await historyOf(await startedRun());
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
    const json = {
      metadata: Object.fromEntries(
        Object.entries(payload?.metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
      data: Buffer.from(payload?.data ?? []).toString('base64'),
    };
    const decode = (call: Call) => call('POST /codec/decode', { payloads: [json] }, { 'x-namespace': namespace });
    const mine = await decode(await org.as('operator'));
    expect(mine.status).toBe(200);
    expect(Buffer.from(mine.body.payloads[0].data, 'base64').toString()).toContain(canary);
    const other = await decode(await (await api.createOrg('Other')).as('owner'));
    expect(other.body.payloads).toEqual([json]);
    expect((await decode(await org.as('viewer'))).status).toBe(403);
    expect((await decode(callWith(api.app))).status).toBe(401);
    const encode = await (await org.as('operator'))('POST /codec/encode', { payloads: [] });
    expect([encode.status, encode.body.code]).toEqual([403, 'not_allowed']);
  });

  it('takes a second start of a run as done, as after a crash between start and note', async () => {
    const runId = await startedRun();
    const before = (await developer(`GET /v1/runs/${runId}`)).body.temporalRunId;
    const forgotten = { status: 'queued' as const, temporalRunId: null, nextStartAt: new Date() };
    await withOrg(api.db, org.orgId, (tx) => tx.update(tables.runs).set(forgotten).where(eq(tables.runs.id, runId)));
    await createDispatcher({ ...api.dependencies, temporal }).round();
    expect((await developer(`GET /v1/runs/${runId}`)).body).toMatchObject({ status: 'running', temporalRunId: before });
  });

  it('cancels without a worker, and says when there is nothing to cancel', async () => {
    const runId = await startedRun();
    expect(await temporal.cancelRun({ orgId: org.orgId, runId })).toBe('requested');
    expect(await temporal.cancelRun({ orgId: org.orgId, runId: `run_${'0'.repeat(32)}` })).toBe('not_open');
  });

  it('is found ready or not, by the namespace', async () => {
    const ready = await callWith(createApp({ ...api.dependencies, temporal }))('GET /readyz');
    expect([ready.status, ready.body.checks.temporal.ok]).toEqual([200, true]);
    const nowhere = createLazyTemporal(
      { address: '127.0.0.1:1', namespace, apiKey: null, tls: null },
      api.ring,
      api.dependencies.log,
    );
    const notReady = await callWith(createApp({ ...api.dependencies, temporal: nowhere }))('GET /readyz');
    expect([notReady.status, notReady.body.checks.temporal.ok]).toEqual([503, false]);
  });
});

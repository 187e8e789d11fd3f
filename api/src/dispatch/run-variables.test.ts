import { tables, withSystem } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { aGraph, aNode } from '../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let developer: Call;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  developer = await org.as('developer');
  api.temporal.started.length = 0;
});

const set = (name: string, type: string, value: Json) => developer(`PUT /v1/variables/${name}`, { type, value });
/** A secret may stand in a step that can have a connection alone. */
const publish = async (): Promise<string> => {
  const connection = {
    name: 'Token',
    kind: 'example.token',
    settings: { baseUrl: 'https://api.example.com' },
    secret: { token: 'sekret-12' },
  };
  const { id: connectionId } = (await (await org.as('admin'))('POST /v1/connections', connection)).body;
  const text = '{{ env.ZONE }} {{ env.TOKEN }}';
  const graph = aGraph(
    [aNode('start', 'trigger.manual'), aNode('send', 'example.send', { input: { text }, connectionId })],
    [['start', 'send']],
  );
  const { id } = (await developer('POST /v1/flows', { name: 'Orders', graph })).body;
  expect((await developer(`POST /v1/flows/${id}/publish`)).status).toBe(201);
  return id;
};
const start = async (flowId: string): Promise<string> =>
  (await developer(`POST /v1/flows/${flowId}/runs`, { input: {} })).body.runId;
const begunWith = async (runId: string) => {
  await api.dispatch();
  return api.temporal.started.find((input) => input.runId === runId)?.env;
};

it('a run begins with what its plan names, as it is when it is started, and of a secret with its name', async () => {
  await set('ZONE', 'string', 'eu');
  await set('OTHER', 'string', 'not for it');
  await set('TOKEN', 'secret', 'canary-variable-77aa');
  const runId = await start(await publish());
  expect(await begunWith(runId)).toEqual({ ZONE: 'eu', TOKEN: '{{ env.TOKEN }}' });
  expect(JSON.stringify(api.temporal.started)).not.toContain('canary-variable');
});

it('a start that is repeated begins with the same, and a re-run with what there is today', async () => {
  await set('ZONE', 'string', 'eu');
  await set('TOKEN', 'secret', 'canary-variable-77aa');
  const runId = await start(await publish());
  await begunWith(runId);
  await set('ZONE', 'string', 'us');
  api.temporal.started.length = 0;
  const due = { status: 'queued' as const, nextStartAt: new Date(0) };
  await withSystem(api.db, (tx) => tx.update(tables.runs).set(due).where(eq(tables.runs.id, runId)));
  expect(await begunWith(runId)).toMatchObject({ ZONE: 'eu' });
  const again = (await developer(`POST /v1/runs/${runId}/rerun`, {})).body.runId;
  expect(await begunWith(again)).toMatchObject({ ZONE: 'us' });
});

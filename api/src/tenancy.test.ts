import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualFlow } from './testing/graphs.ts';
import { type Ids, makeOneOfEverything } from './testing/one-of-everything.ts';
import { type Call, createTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let ids: Ids;
let intruder: Call;

beforeAll(async () => {
  api = await createTestApi();
  const theirs = await api.createOrg('Theirs');
  intruder = await (await api.createOrg('Intruder')).as('admin');
  ids = await makeOneOfEverything(api, theirs, 'Theirs');
});
afterAll(() => api.close());

describe("another org's things", () => {
  it.each([
    '/v1/flows',
    '/v1/runs',
    '/v1/connections',
    '/v1/deliveries',
    '/v1/dead-letters',
    '/v1/tags',
    '/v1/approvals?state=all',
    '/v1/events',
  ])('are in no list: %s', async (path) => {
    expect((await intruder(`GET ${path}`)).body.items).toEqual([]);
  });

  it('are found by no filter', async () => {
    expect((await intruder(`GET /v1/runs?flowId=${ids['flowId']}`)).body.items).toEqual([]);
    expect((await intruder(`GET /v1/runs?text=${ids['runId']}`)).body.items).toEqual([]);
    expect((await intruder(`GET /v1/deliveries?flowId=${ids['flowId']}`)).body.items).toEqual([]);
  });

  it('cannot be used in a flow: their connection is unknown here', async () => {
    const { id } = (await intruder('POST /v1/flows', { name: 'Mine', graph: manualFlow(ids['connectionId'] ?? '') }))
      .body;
    const answer = await intruder(`POST /v1/flows/${id}/publish`);
    expect([answer.status, answer.body.errors[0].code]).toEqual([422, 'unknown_connection']);
  });

  it('share no idempotency key and no connection name', async () => {
    const mine = (
      await intruder('POST /v1/connections', {
        name: 'Theirs',
        kind: 'example.token',
        settings: { baseUrl: 'https://api.example.com' },
        secret: { token: 'my-secret-token' },
      })
    ).status;
    expect(mine).toBe(201);
  });
});

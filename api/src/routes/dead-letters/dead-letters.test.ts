import { randomBytes } from 'node:crypto';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aGraph, aNode } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let viewer: Call;
let runId: string;
let flowId: string;
beforeAll(async () => {
  api = await createTestApi();
  org = await api.createOrg();
  viewer = await org.as('viewer');
  const developer = await org.as('developer');
  const graph = aGraph(
    [aNode('start', 'trigger.manual'), aNode('end', 'control.return', { input: { output: 1 } })],
    [['start', 'end']],
  );
  flowId = (await developer('POST /v1/flows', { name: 'Orders', graph })).body.id;
  await developer(`POST /v1/flows/${flowId}/publish`);
  runId = (await developer(`POST /v1/flows/${flowId}/runs`, {})).body.runId;
  for (const [index, step] of ['first', 'second', 'third', 'done'].entries()) await bury(step, index);
});
afterAll(() => api.close());

/** What the worker's projection would write when a step parks. */
const bury = async (step: string, minute: number): Promise<void> => {
  const inputSealed = await api.ring.sealJson(org.orgId, { step }, additionalData.deadLetterInput(runId, step, 1));
  await withOrg(api.db, org.orgId, (tx) =>
    tx.insert(tables.deadLetters).values({
      id: `dead_${randomBytes(16).toString('hex')}`,
      orgId: org.orgId,
      runId,
      flowId,
      path: step,
      stepId: step,
      ordinal: 1,
      fingerprint: step === 'third' ? 'other' : 'same',
      failure: { name: 'refused', message: 'No.' },
      attempts: 3,
      inputSealed,
      openedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
      ...(step === 'done' ? { resolvedAt: new Date(), resolution: 'retried' as const, resolvedBy: 'Ada' } : {}),
    }),
  );
};

const steps = async (query = ''): Promise<string[]> =>
  (await viewer(`GET /v1/dead-letters${query}`)).body.items.map(({ path }: { path: string }) => path);

it('lists what waits for a person, newest first, with the input it failed with', async () => {
  const { body } = await viewer('GET /v1/dead-letters');
  expect(body.open).toBe(3);
  expect(body.items[0]).toMatchObject({
    runId,
    flowId,
    flowName: 'Orders',
    path: 'third',
    attempts: 3,
    failure: { name: 'refused' },
    input: { step: 'third' },
    runUrl: `http://127.0.0.1:3000/runs/${runId}`,
    resolution: null,
  });
  expect(await steps()).toEqual(['third', 'second', 'first']);
});

it('pages by age although ids do not sort by it', async () => {
  const { body } = await viewer('GET /v1/dead-letters?limit=2');
  expect(body.items).toHaveLength(2);
  expect(await steps(`?limit=2&cursor=${body.nextCursor}`)).toEqual(['first']);
});

it('filters by state, flow and fingerprint, and counts the open ones whatever the filter', async () => {
  expect(await steps('?state=resolved')).toEqual(['done']);
  expect(await steps('?fingerprint=same')).toEqual(['second', 'first']);
  expect(await steps(`?flowId=flow_${'0'.repeat(32)}`)).toEqual([]);
  expect((await viewer('GET /v1/dead-letters?state=resolved')).body.open).toBe(3);
});

it('refuses a state that is none', async () => {
  expect((await viewer('GET /v1/dead-letters?state=lost')).status).toBe(400);
});

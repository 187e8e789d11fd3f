import { createHash } from 'node:crypto';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { keepFile } from '@everwave/temporal/values';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from './routes/operations.ts';
import { createGraveyard } from './testing/dead-letters.ts';
import { manualFlow, webhookFlow } from './testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from './testing/test-api.ts';

let api: TestApi;
let theirs: TestOrg;
let ids: Record<string, string>;
let intruder: Call;

beforeAll(async () => {
  api = await createTestApi();
  theirs = await api.createOrg('Theirs');
  intruder = await (await api.createOrg('Intruder')).as('admin');
  ids = await populate(await theirs.as('admin'));
});
afterAll(() => api.close());

/** One of everything that has an id. */
const populate = async (admin: Call): Promise<Record<string, string>> => {
  const connection = {
    name: 'Theirs',
    kind: 'example.token',
    settings: { baseUrl: 'https://api.example.com' },
    secret: { token: 'their-secret-token' },
  };
  const connectionId = (await admin('POST /v1/connections', connection)).body.id;
  const flowId = (await admin('POST /v1/flows', { name: 'Their flow', graph: webhookFlow() })).body.id;
  await admin(`POST /v1/flows/${flowId}/publish`);
  const [trigger] = (await admin(`GET /v1/flows/${flowId}`)).body.triggers;
  const runId = (await admin(`POST /v1/flows/${flowId}/runs`, {})).body.runId;
  await admin(`POST /v1/flows/${flowId}/deactivate`);
  const deliveryId = (await callWith(api.app)(`POST ${new URL(trigger.url).pathname}`, {})).body.deliveryId;
  const apiKeyId = (await admin('POST /v1/api-keys', { name: 'Theirs' })).body.id;
  const grave = await createGraveyard(api, theirs, 'Their graveyard');
  const { id: deadLetterId } = await grave.bury();
  const group = `/v1/dead-letter-groups/${grave.fingerprint}`;
  const repairJobId = (await admin(`POST ${group}/repairs`, { action: 'skip' })).body.id;
  const channel = { kind: 'slack', name: 'Theirs', url: 'https://hooks.slack.example/their-secret' };
  const alertChannelId = (await admin('POST /v1/alert-channels', channel)).body.id;
  const { sha256 } = await keepFile(
    api.db,
    api.ring,
    [{ orgId: theirs.orgId, runId, path: 'read', ordinal: 1, name: 'file:1' }],
    { name: 'theirs.txt', mediaType: 'text/plain', content: ReadableStream.from([Buffer.from('theirs')]) },
  );
  const approvalId = await askedIn(flowId, runId);
  const token = 'token-of-theirs';
  const linkId = '01937a52-0000-7000-8000-000000000001';
  await withOrg(api.db, theirs.orgId, (tx) =>
    tx.insert(tables.approvalLinks).values({
      id: linkId,
      orgId: theirs.orgId,
      approvalId,
      tokenHash: createHash('sha256').update(token).digest('hex'),
      recipient: 'a@example.org',
      createdBy: 'them',
    }),
  );
  return {
    alertChannelId,
    apiKeyId,
    approvalId,
    connectionId,
    deadLetterId,
    deliveryId,
    fingerprint: grave.fingerprint,
    flowId,
    linkId,
    repairJobId,
    runId,
    sha256,
    token,
    triggerId: trigger.id,
    version: '1',
  };
};

const askedIn = async (flowId: string, runId: string): Promise<string> => {
  const id = `apr_${'a'.repeat(32)}`;
  const { orgId } = theirs;
  const request = { subject: 'Theirs?', message: null, fields: [] };
  const requestSealed = await api.ring.sealJson(orgId, request, additionalData.approvalRequest(id));
  await withOrg(api.db, orgId, (tx) =>
    tx.insert(tables.approvals).values({
      id,
      orgId,
      flowId,
      runId,
      path: 'ask',
      ordinal: 1,
      stepId: 'ask',
      seq: 1,
      status: 'open',
      requestSealed,
      roles: ['admin'],
      people: [],
      approvalsNeeded: 1,
      rejectionsNeeded: 1,
      answeredBy: [],
      openedAt: new Date(),
    }),
  );
  return id;
};

/** A body that would be accepted, so that only the id can be the reason for a refusal. */
const bodies: Record<string, unknown> = {
  updateFlow: { name: 'Taken over' },
  setTags: { tags: [] },
  saveDraft: { draftRevision: 1, graph: { nodes: [], edges: [] } },
  repairRun: { action: 'failRun' },
  answerApproval: { decision: 'approved' },
  createApprovalLink: { recipient: 'a@example.org' },
  previewFork: { from: 'end' },
  forkRun: { from: 'end' },
  updateConnection: { name: 'Taken over' },
  dismissDeadLetter: { reason: 'Taken over' },
  dismissDeadLetterGroup: { reason: 'Taken over' },
  previewGroupRepair: { action: 'fail' },
  repairDeadLetterGroup: { action: 'fail' },
  updateAlertChannel: { name: 'Taken over' },
};

describe("another org's ids", () => {
  const withIds = operations.map(({ route }) => route).filter(({ path }) => path.includes('{'));

  it('are in every route that has an id (none is forgotten here)', () => {
    const names = new Set(withIds.flatMap(({ path }) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)));
    expect([...names].toSorted((left = '', right = '') => left.localeCompare(right))).toEqual([
      'alertChannelId',
      'apiKeyId',
      'approvalId',
      'connectionId',
      'deadLetterId',
      'deliveryId',
      'fingerprint',
      'flowId',
      'linkId',
      'path',
      'repairJobId',
      'runId',
      'sha256',
      'token',
      'triggerId',
      'version',
    ]);
    expect(withIds.length).toBeGreaterThanOrEqual(30);
  });

  it.each(withIds.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
    '%s → 404',
    async (_name, route) => {
      const before = await everythingOfTheirs();
      const path = route.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => ids[name] ?? name);
      const answer = await intruder(`${route.method.toUpperCase()} ${path}`, bodies[route.operationId]);
      expect([answer.status, answer.body.code]).toEqual([404, expect.stringMatching(/_not_found$/)]);
      expect(await everythingOfTheirs()).toEqual(before);
    },
  );

  const everythingOfTheirs = () =>
    withOrg(api.db, theirs.orgId, async (tx) => ({
      flows: await tx.select().from(tables.flows),
      connections: await tx.select().from(tables.connections),
      runs: await tx.select({ id: tables.runs.id, status: tables.runs.status }).from(tables.runs),
      deliveries: await tx.select().from(tables.deliveries),
      approvals: await tx.select().from(tables.approvals),
      links: await tx.select().from(tables.approvalLinks),
      audit: await tx.$count(tables.auditEvents),
    }));
});

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

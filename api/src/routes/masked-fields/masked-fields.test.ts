import type { Json } from '@everwave/schema/flow';
import { tables, withOrg } from '@everwave/schema/db';
import { mask } from '@everwave/schema/run';
import { createDataConverter } from '@everwave/temporal/data-converter';
import { additionalData } from '@everwave/temporal/encryption';
import { keepBlob, sealShown } from '@everwave/temporal/values';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routeTable } from '../../app.ts';
import { createGraveyard } from '../../testing/dead-letters.ts';
import { type Ids, makeOneOfEverything } from '../../testing/one-of-everything.ts';
import { matrixRoutes } from '../../testing/security-matrix/routes.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

const canary = 'canary-masked-51d0';
const customer = { name: 'Ada', contact: { email: `${canary}@example.org`, country: 'FI' } };

let api: TestApi;
let org: TestOrg;
let admin: Call;
beforeAll(async () => {
  const limits = { callsPerMinute: 1e6, anonymousPerMinute: 1e6, signInsPerMinute: 1e6 };
  api = await createTestApi({ limits });
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  admin = await org.as('admin');
});

const auditOf = async (action: 'values.unmasked' | 'masked_field.added' | 'masked_field.removed') =>
  withOrg(api.db, org.orgId, (tx) => tx.select().from(tables.auditEvents).where(eq(tables.auditEvents.action, action)));

/** The canary in every place of an org that holds what came into a run or out of it. */
const seedCanary = async (): Promise<Ids> => {
  const { orgId } = org;
  const ids: Ids = { ...(await makeOneOfEverything(api, org, 'Orders')), path: 'step' };
  const { runId = '', deliveryId = '', approvalId = '' } = ids;
  const { ring } = api;
  const seal = (value: Json, binding: string) => ring.sealJson(orgId, value, binding);
  const use = { orgId, runId, path: 'large', ordinal: 1, name: 'output' };
  const content = Buffer.from(JSON.stringify([customer, { text: 'x'.repeat(50_000) }]));
  const sha256 = await keepBlob(api.db, ring, use, { content, mediaType: 'application/json' });
  const preview = content.toString('utf8', 0, 200);
  const reference = { ref: `blob:${sha256}` as const, sha256, bytes: content.length, preview };
  const step = { orgId, runId, ordinal: 1, status: 'succeeded' as const, seq: 4, temporalRunId: 't', attempts: 1 };
  const largeBinding = additionalData.stepOutput(runId, 'large', 1);
  const grave = await createGraveyard(api, org, 'Graveyard of the canary');
  const { id: deadLetterId } = await grave.bury({ input: { customer } });
  await withOrg(api.db, orgId, async (tx) => {
    const triggerSealed = await seal({ body: customer }, additionalData.runTrigger(runId));
    const outputSealed = await seal({ customer }, additionalData.runOutput(runId));
    await tx.update(tables.runs).set({ triggerSealed, outputSealed }).where(eq(tables.runs.id, runId));
    await tx.insert(tables.runSteps).values([
      {
        ...step,
        path: 'step',
        stepId: 'step',
        inputSealed: await seal({ to: customer }, additionalData.stepInput(runId, 'step', 1)),
        outputSealed: await seal([customer], additionalData.stepOutput(runId, 'step', 1)),
      },
      {
        ...step,
        path: 'large',
        stepId: 'large',
        outputSealed: await sealShown(ring, orgId, { reference }, largeBinding),
      },
    ]);
    const payloadSealed = await seal({ body: customer }, additionalData.deliveryPayload(deliveryId));
    await tx.update(tables.deliveries).set({ payloadSealed }).where(eq(tables.deliveries.id, deliveryId));
    const answer = { by: { userId: 'u', name: 'Mara' }, decision: 'approved', values: customer, at: new Date(0) };
    const answersSealed = await seal([JSON.parse(JSON.stringify(answer))], additionalData.approvalAnswers(approvalId));
    await tx.update(tables.approvals).set({ answersSealed }).where(eq(tables.approvals.id, approvalId));
  });
  return { ...ids, deadLetterId };
};

/** Every answer to a GET of what has an id, with the operations that a program can ask with `unmask`. */
const lookEverywhere = async (call: Call, ids: Ids, query = '') => {
  const looks = matrixRoutes(api.app, routeTable).filter(
    // A stream does not end.
    ({ method, name, path }) =>
      method === 'GET' && path.startsWith('/v1/') && !name.includes('events') && !path.endsWith('/stream'),
  );
  const answers = [];
  for (const route of looks) {
    const path = route.path.replaceAll(/:(\w+)(\{[^}]*\})?/g, (_all, name: string) =>
      encodeURIComponent(ids[name] ?? 'x'),
    );
    const { status, text } = await call(`GET ${path}${query}`);
    answers.push({ name: route.name, mayUnmask: route.query.includes('unmask'), status, holds: text.includes(canary) });
  }
  return answers;
};

describe('what an org masks', () => {
  it('is chosen by admins, once per field whatever its capitals, and noted', async () => {
    expect((await admin('PUT /v1/masked-fields/Contact.Email')).body).toMatchObject({ field: 'contact.email' });
    expect((await admin('PUT /v1/masked-fields/contact.email')).status).toBe(200);
    await admin('PUT /v1/masked-fields/*.iban');
    expect((await admin('GET /v1/masked-fields')).body.items.map(({ field }: { field: string }) => field)).toEqual([
      '*.iban',
      'contact.email',
    ]);
    expect((await admin('DELETE /v1/masked-fields/*.iban')).status).toBe(204);
    expect((await admin('DELETE /v1/masked-fields/*.iban')).body.code).toBe('masked_field_not_found');
    expect((await auditOf('masked_field.added')).map(({ targetId }) => targetId)).toEqual(['contact.email', '*.iban']);
    expect((await auditOf('masked_field.removed')).map(({ targetId }) => targetId)).toEqual(['*.iban']);
  });

  it.each(['a b', 'a..b', 'a[0]', `${'a'.repeat(201)}`])('cannot be called %s', async (field) => {
    expect((await admin(`PUT /v1/masked-fields/${encodeURIComponent(field)}`)).status).toBe(400);
  });

  it('belongs to the org, and to those who manage it', async () => {
    await admin('PUT /v1/masked-fields/email');
    const other = await (await api.createOrg()).as('owner');
    expect((await other('GET /v1/masked-fields')).body.items).toEqual([]);
    expect((await other('DELETE /v1/masked-fields/email')).status).toBe(404);
    for (const role of ['viewer', 'operator', 'developer'] as const) {
      const call = await org.as(role);
      expect((await call('GET /v1/masked-fields')).body.items).toHaveLength(1);
      expect((await call('PUT /v1/masked-fields/phone')).status).toBe(403);
      expect((await call('DELETE /v1/masked-fields/email')).status).toBe(403);
    }
  });

  it('is in no answer to anybody who does not ask for it, wherever it is recorded', async () => {
    const ids = await seedCanary();
    const shown = (await lookEverywhere(admin, ids)).filter(({ holds }) => holds).map(({ name }) => name);
    // Everything that gives values, among it each route that has `unmask`: nothing of what follows is true of nothing.
    expect(shown.length).toBeGreaterThanOrEqual(9);
    await admin('PUT /v1/masked-fields/contact.email');
    for (const role of ['owner', 'admin', 'developer', 'operator', 'viewer'] as const) {
      const answers = await lookEverywhere(await org.as(role), ids);
      expect(answers.filter(({ holds }) => holds)).toEqual([]);
      expect(answers.filter(({ name, status }) => shown.includes(name) && status !== 200)).toEqual([]);
    }
    expect(await auditOf('values.unmasked')).toEqual([]);
    const run = (await admin(`GET /v1/runs/${ids['runId']}`)).body;
    expect(run.trigger.data).toEqual({ body: { name: 'Ada', contact: { email: mask, country: 'FI' } } });
  }, 120_000);

  it('is shown to those who may see it and ask, and each look is noted', async () => {
    const ids = await seedCanary();
    await admin('PUT /v1/masked-fields/contact.email');
    for (const role of ['owner', 'admin'] as const) {
      const answers = (await lookEverywhere(await org.as(role), ids, '?unmask=true')).filter(
        ({ mayUnmask }) => mayUnmask,
      );
      expect(answers.map(({ status, holds }) => [status, holds])).toEqual(answers.map(() => [200, true]));
      expect(answers.length).toBeGreaterThanOrEqual(7);
    }
    const looks = (await auditOf('values.unmasked')).map(({ targetKind, targetId }) => `${targetKind} ${targetId}`);
    expect([...new Set(looks)].toSorted()).toEqual([
      `deadLetter ${ids['deadLetterId']}`,
      `delivery ${ids['deliveryId']}`,
      `run ${ids['runId']}`,
    ]);
    for (const role of ['developer', 'operator', 'viewer'] as const) {
      const answers = (await lookEverywhere(await org.as(role), ids, '?unmask=true')).filter(
        ({ mayUnmask }) => mayUnmask,
      );
      expect(answers.map(({ status, holds }) => [status, holds])).toEqual(answers.map(() => [403, false]));
    }
    expect(await auditOf('values.unmasked')).toHaveLength(looks.length);
  }, 120_000);

  it('of a large value shows nothing of its beginning, and the whole with its masks', async () => {
    const { runId = '' } = await seedCanary();
    await admin('PUT /v1/masked-fields/contact.email');
    const { steps } = (await admin(`GET /v1/runs/${runId}`)).body;
    const large = steps.find(({ path }: { path: string }) => path === 'large');
    expect(large.outputReference.preview).toBe(mask);
    const { body, text } = await admin(`GET /v1/runs/${runId}/steps/large/output`);
    expect(text).not.toContain(canary);
    expect(body[0]).toEqual({ name: 'Ada', contact: { email: mask, country: 'FI' } });
  });

  it('is masked in the Temporal UI too', async () => {
    await admin('PUT /v1/masked-fields/contact.email');
    const { payloadCodecs: [codec] = [] } = createDataConverter({ ring: api.ring, withoutOrg: 'refuse' });
    const context = {
      type: 'workflow' as const,
      namespace: 'default',
      workflowId: `t/${org.orgId}/r/run_${'1'.repeat(32)}`,
    };
    const plain = {
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from(JSON.stringify({ customer })),
    };
    const [sealed] = (await codec?.encode([plain], context)) ?? [];
    const metadata = Object.fromEntries(
      Object.entries(sealed?.metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    const payloads = [{ metadata, data: Buffer.from(sealed?.data ?? []).toString('base64') }];
    const { body } = await admin('POST /codec/decode', { payloads }, { 'x-namespace': 'default' });
    expect(JSON.parse(Buffer.from(body.payloads[0].data, 'base64').toString())).toEqual({
      customer: { name: 'Ada', contact: { email: mask, country: 'FI' } },
    });
  });

  it('never comes back as a value', async () => {
    const ids = await seedCanary();
    const { flowId, runId, fingerprint } = ids;
    const edited = { to: { contact: { email: mask } } };
    const answers = [
      await admin(`POST /v1/flows/${flowId}/runs`, { input: edited }),
      await admin(`POST /v1/runs/${runId}/repair`, { action: 'retryStep', path: 'step', input: edited }),
      await admin(`POST /v1/runs/${runId}/repair`, { action: 'retryStep', path: 'step', edit: edited }),
      await admin(`POST /v1/runs/${runId}/repair`, { action: 'completeStep', path: 'step', output: edited }),
      await admin(`POST /v1/runs/${runId}/fork`, { from: 'step', input: edited }),
      await admin(`POST /v1/dead-letter-groups/${fingerprint}/repairs`, { action: 'retry', edit: edited }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code, body.errors?.[0]?.path])).toEqual([
      [422, 'value_masked', 'input.to.contact.email'],
      [422, 'value_masked', 'input.to.contact.email'],
      [422, 'value_masked', 'edit.to.contact.email'],
      [422, 'value_masked', 'output.to.contact.email'],
      [422, 'value_masked', 'input.to.contact.email'],
      [422, 'value_masked', 'edit.to.contact.email'],
    ]);
  });
});

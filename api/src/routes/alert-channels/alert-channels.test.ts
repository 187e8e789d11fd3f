import { tables, withSystem } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGraveyard } from '../../testing/dead-letters.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let admin: Call;
beforeAll(async () => {
  api = await createTestApi({ limits: { callsPerMinute: 100_000 } });
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  admin = await org.as('admin');
});

const slack = { kind: 'slack', name: 'Operators', url: 'https://hooks.slack.example/services/T0/B0/secret-part' };
const webhook = { kind: 'webhook', name: 'On call', url: 'https://hooks.example.com/secret-part' };
const path = '/v1/alert-channels';
const rowOf = async (id: string) => {
  const [row] = await withSystem(api.db, (tx) =>
    tx.select().from(tables.alertChannels).where(eq(tables.alertChannels.id, id)),
  );
  return row;
};
const secretOf = async (id: string) =>
  api.ring.openJson(
    org.orgId,
    (await rowOf(id))?.secretSealed ?? new Uint8Array(),
    additionalData.alertChannelSecret(org.orgId, id),
  );

describe('alert channels', () => {
  it('keep their address and secret sealed, and show the secret once', async () => {
    const created = await admin(`POST ${path}`, webhook);
    expect(created.status).toBe(201);
    const { id, secret } = created.body;
    expect(secret).toMatch(/^whsec_/);
    expect(await secretOf(id)).toEqual({ url: webhook.url, secret });
    const { body, text } = await admin(`GET ${path}/${id}`);
    expect(body).toMatchObject({
      settings: { host: 'hooks.example.com' },
      isOn: true,
      quietSeconds: 3_600,
      pending: 0,
    });
    expect(text).not.toContain('secret-part');
    expect(text).not.toContain(secret);
    expect(JSON.stringify((await rowOf(id))?.settings)).not.toContain('secret-part');
    expect((await admin(`POST ${path}`, slack)).body.secret).toBeNull();
    expect((await admin(`GET ${path}`)).body.items.map(({ name }: { name: string }) => name)).toEqual([
      'On call',
      'Operators',
    ]);
  });

  it('are changed, and a webhook takes no new address without its secret', async () => {
    const { id, secret } = (await admin(`POST ${path}`, webhook)).body;
    expect((await admin(`PATCH ${path}/${id}`, { quietSeconds: 7_200, isOn: false })).body).toMatchObject({
      quietSeconds: 7_200,
      isOn: false,
    });
    const moved = { url: 'https://elsewhere.example/in' };
    const refused = await admin(`PATCH ${path}/${id}`, moved);
    expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([
      422,
      'alert_channel_invalid',
      'secret',
    ]);
    expect((await admin(`PATCH ${path}/${id}`, { ...moved, secret })).body.settings).toEqual({
      host: 'elsewhere.example',
    });
    expect(await secretOf(id)).toEqual({ ...moved, secret });
    expect((await admin(`PATCH ${path}/${id}`, { to: ['a@example.com'] })).body.errors[0].path).toBe('to');
  });

  it('send mail over a mail server of the org, which then cannot be deleted', async () => {
    const email = { kind: 'email', name: 'Mail', to: ['ada@example.com'], connectionId: `conn_${'0'.repeat(32)}` };
    expect((await admin(`POST ${path}`, email)).body).toMatchObject({ code: 'alert_channel_invalid' });
    const connection = {
      name: 'Shop',
      kind: 'example.token',
      settings: { baseUrl: 'https://api.example.com' },
      secret: { token: 'a-secret-token' },
    };
    const connectionId = (await admin('POST /v1/connections', connection)).body.id;
    expect((await admin(`POST ${path}`, { ...email, connectionId })).body.detail).toContain('not a mail server');
    await withSystem(api.db, (tx) =>
      tx.update(tables.connections).set({ kind: 'email.smtp' }).where(eq(tables.connections.id, connectionId)),
    );
    expect((await admin(`POST ${path}`, { ...email, connectionId })).status).toBe(201);
    expect((await admin(`DELETE /v1/connections/${connectionId}`)).body.code).toBe('connection_in_use');
  });

  it('have names of their own', async () => {
    const { id } = (await admin(`POST ${path}`, slack)).body;
    await admin(`POST ${path}`, webhook);
    expect((await admin(`POST ${path}`, { ...webhook, name: slack.name })).body.code).toBe('name_taken');
    expect((await admin(`PATCH ${path}/${id}`, { name: webhook.name })).body.code).toBe('name_taken');
  });

  it.each([
    ['an address that is none', { ...webhook, url: 'hooks.example.com' }],
    ['another scheme', { ...webhook, url: 'file:///etc/passwd' }],
    ['a secret that is too short', { ...webhook, secret: 'whsec_c2hvcnQ=' }],
    ['nobody to write to', { kind: 'email', name: 'Mail', to: [], connectionId: `conn_${'0'.repeat(32)}` }],
    ['no quiet time', { ...slack, quietSeconds: 1 }],
    ['an unknown kind', { ...slack, kind: 'pigeon' }],
  ])('are refused with %s', async (_what, body) => {
    expect((await admin(`POST ${path}`, body)).status).toBe(400);
  });

  it('are tested by a message that is delivered like any other, and go with what they had to say', async () => {
    const { id } = (await admin(`POST ${path}`, webhook)).body;
    expect(await admin(`POST ${path}/${id}/test`)).toMatchObject({ status: 202, body: { pending: 1 } });
    expect((await admin(`DELETE ${path}/${id}`)).status).toBe(204);
    expect((await admin(`GET ${path}/${id}`)).status).toBe(404);
    const actions = await withSystem(api.db, (tx) =>
      tx
        .select({ action: tables.auditEvents.action })
        .from(tables.auditEvents)
        .where(eq(tables.auditEvents.orgId, org.orgId))
        .orderBy(tables.auditEvents.id),
    );
    expect(actions.map(({ action }) => action)).toEqual([
      'alert_channel.created',
      'alert_channel.tested',
      'alert_channel.deleted',
    ]);
  });

  it('hear of a group when a dismissal is taken back', async () => {
    await admin(`POST ${path}`, webhook);
    const grave = await createGraveyard(api, org);
    const { id } = await grave.bury();
    const events = async () =>
      (
        await withSystem(api.db, (tx) =>
          tx.select().from(tables.alerts).where(eq(tables.alerts.orgId, org.orgId)).orderBy(tables.alerts.createdAt),
        )
      ).map(({ event, body }) => [event, body['open'], body['flowName']]);
    expect(await events()).toEqual([['opened', 1, 'Orders']]);
    await admin(`POST /v1/dead-letters/${id}/dismiss`, { reason: 'Old' });
    await admin(`POST /v1/dead-letters/${id}/restore`);
    // Within the time in which an empty group is not yet over: no news.
    expect(await events()).toEqual([['opened', 1, 'Orders']]);
  });

  it('are managed by who may manage them', async () => {
    const { id } = (await admin(`POST ${path}`, slack)).body;
    const operator = await org.as('operator');
    for (const operation of [`GET ${path}`, `GET ${path}/${id}`, `POST ${path}/${id}/test`, `DELETE ${path}/${id}`]) {
      expect((await operator(operation)).body.code).toBe('not_allowed');
    }
    expect((await operator(`POST ${path}`, slack)).body.code).toBe('not_allowed');
    expect((await operator(`PATCH ${path}/${id}`, { name: 'Mine' })).body.code).toBe('not_allowed');
  });
});

import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manualFlow } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

const canary = 'canary-secret-9b1f';

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
  api.temporal.down = false;
  api.temporal.probes.length = 0;
  api.temporal.probeResult = { ok: true, message: 'It works.' };
});

const connection = (change: Record<string, unknown> = {}) => ({
  name: 'Sender',
  kind: 'example.token',
  settings: { baseUrl: 'https://api.example.com' },
  secret: { token: canary },
  ...change,
});
const create = async (change = {}): Promise<string> =>
  (await developer('POST /v1/connections', connection(change))).body.id;

describe('connections work', () => {
  it('are created, read, listed and changed, and never show their secret', async () => {
    const created = await developer('POST /v1/connections', connection());
    expect(created.status).toBe(201);
    const { id } = created.body;
    expect(created.body).toMatchObject({
      name: 'Sender',
      kind: 'example.token',
      settings: { baseUrl: 'https://api.example.com' },
      secretFields: ['token'],
      usedBy: [],
      lastTest: null,
    });
    const renamed = await developer(`PATCH /v1/connections/${id}`, {
      name: 'Other',
      settings: { baseUrl: 'https://b.example.com' },
      secret: { token: canary },
    });
    expect(renamed.body).toMatchObject({ name: 'Other', settings: { baseUrl: 'https://b.example.com' } });
    const replaced = await developer(`PATCH /v1/connections/${id}`, { secret: { token: `${canary}-2` } });
    const read = await developer(`GET /v1/connections/${id}`);
    const list = await developer('GET /v1/connections?kind=example.token');
    expect(list.body.items).toEqual([read.body]);
    expect((await developer('GET /v1/connections?kind=other.kind')).body.items).toEqual([]);
    for (const { text } of [created, renamed, replaced, read, list]) expect(text).not.toContain(canary);
  });

  it('are sealed to their org and id: ciphertext in the table, useless in another row', async () => {
    const [id, other] = [await create(), await create({ name: 'Second', secret: { token: 'another-token' } })];
    const rows = await withSystem(api.db, (tx) =>
      tx.select().from(tables.connections).where(eq(tables.connections.orgId, org.orgId)),
    );
    const sealed = Object.fromEntries(rows.map((row) => [row.id, row.secretSealed]));
    expect(Buffer.from(sealed[id] ?? []).includes(canary)).toBe(false);
    const open = (bytes: Uint8Array | undefined, of: string) =>
      api.ring.openJson(org.orgId, bytes ?? new Uint8Array(), `connections.secret:${org.orgId}:${of}`);
    expect(await open(sealed[id], id)).toEqual({ token: canary });
    await expect(open(sealed[id], other)).rejects.toThrow('does not open');
  });

  it('are tested by a worker, and the result is kept until they change', async () => {
    const id = await create();
    const tested = await developer(`POST /v1/connections/${id}/test`);
    expect(tested.body).toMatchObject({ status: 'ok', message: 'It works.' });
    expect(api.temporal.probes).toEqual([{ orgId: org.orgId, connectionId: id }]);
    api.temporal.probeResult = { ok: false, message: 'The token is not valid.', advice: 'Make a new one.' };
    await developer(`POST /v1/connections/${id}/test`);
    expect((await developer(`GET /v1/connections/${id}`)).body.lastTest).toMatchObject({
      status: 'failed',
      message: 'The token is not valid.',
      advice: 'Make a new one.',
    });
    await developer(`PATCH /v1/connections/${id}`, { secret: { token: 'better-token' } });
    expect((await developer(`GET /v1/connections/${id}`)).body.lastTest).toBeNull();
  });

  it('are deleted, but not while a flow that is on uses them', async () => {
    const id = await create();
    const flow = (await developer('POST /v1/flows', { name: 'Orders', graph: manualFlow(id) })).body;
    await developer(`POST /v1/flows/${flow.id}/publish`);
    expect((await developer(`GET /v1/connections/${id}`)).body.usedBy).toEqual([{ flowId: flow.id, name: 'Orders' }]);
    const refused = await developer(`DELETE /v1/connections/${id}`);
    expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([
      409,
      'connection_in_use',
      flow.id,
    ]);
    await developer(`POST /v1/flows/${flow.id}/deactivate`);
    expect((await developer(`DELETE /v1/connections/${id}`)).status).toBe(204);
    expect((await developer(`GET /v1/connections/${id}`)).status).toBe(404);
  });
});

describe('connections refuse input', () => {
  it.each([
    ['an unknown kind', { kind: 'nobody.knows' }, 'kind'],
    ['a missing setting', { settings: {} }, 'settings.baseUrl'],
    ['a setting of the wrong shape', { settings: { baseUrl: 'not a url' } }, 'settings.baseUrl'],
    ['an unknown setting', { settings: { baseUrl: 'https://a.example', port: 1 } }, 'settings.port'],
    ['a missing secret', { secret: {} }, 'secret.token'],
    ['a secret of the wrong shape', { secret: { token: 7 } }, 'secret.token'],
    ['a short secret', { secret: { token: 'canary7' } }, 'secret.token'],
    ['an unknown secret', { secret: { token: canary, more: canary } }, 'secret.more'],
  ])('%s → 422 with its place, and without repeating it', async (_what, change, path) => {
    const answer = await developer('POST /v1/connections', connection(change));
    expect([answer.status, answer.body.code]).toEqual([422, 'connection_invalid']);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
    expect(answer.text).not.toContain('canary');
    expect((await developer('GET /v1/connections')).body.items).toEqual([]);
  });

  it('settings that would send a stored secret elsewhere → 422, until it is entered again', async () => {
    const id = await create();
    const settings = { baseUrl: 'https://evil.example' };
    const answer = await developer(`PATCH /v1/connections/${id}`, { settings });
    expect([answer.status, answer.body.code]).toEqual([422, 'connection_invalid']);
    expect(answer.body.errors).toEqual([
      { path: 'secret', message: 'Enter it again, since the settings changed.', code: 'secret_needed' },
    ]);
    const { settings: same } = (await developer(`GET /v1/connections/${id}`)).body;
    expect(same).toEqual(connection().settings);
    expect((await developer(`PATCH /v1/connections/${id}`, { name: 'Same place', settings: same })).status).toBe(200);
    const both = await developer(`PATCH /v1/connections/${id}`, { settings, secret: { token: 'their-own-token' } });
    expect(both.status).toBe(200);
  });

  it('a name that is taken → 409', async () => {
    await create();
    const again = await developer('POST /v1/connections', connection());
    expect([again.status, again.body.code, again.body.errors[0].path]).toEqual([409, 'name_taken', 'name']);
    const other = await create({ name: 'Second' });
    expect((await developer(`PATCH /v1/connections/${other}`, { name: 'Sender' })).status).toBe(409);
  });

  it('a test while Temporal is away → 503', async () => {
    const id = await create();
    api.temporal.down = true;
    const answer = await developer(`POST /v1/connections/${id}/test`);
    expect([answer.status, answer.body.code]).toEqual([503, 'temporal_unavailable']);
  });
});

describe('connections refuse callers', () => {
  it('who may only look or operate', async () => {
    const id = await create();
    for (const role of ['viewer', 'operator'] as const) {
      const call = await org.as(role);
      expect((await call(`GET /v1/connections/${id}`)).status).toBe(200);
      expect((await call('POST /v1/connections', connection({ name: 'x' }))).status).toBe(403);
      expect((await call(`PATCH /v1/connections/${id}`, { name: 'x' })).status).toBe(403);
      expect((await call(`DELETE /v1/connections/${id}`)).status).toBe(403);
    }
  });
});

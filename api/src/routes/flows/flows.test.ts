import { flowSchema } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aGraph, aNode, manualFlow, webhookFlow } from '../../testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

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
});

const newFlow = async (body: Record<string, unknown> = {}): Promise<string> =>
  (await developer('POST /v1/flows', { name: 'Orders', graph: webhookFlow(), ...body })).body.id;

const auditActions = (): Promise<string[]> =>
  withOrg(api.db, org.orgId, async (tx) => {
    const rows = await tx.select().from(tables.auditEvents).orderBy(tables.auditEvents.id);
    return rows.map(({ action }) => action);
  });

describe('flows work', () => {
  it('are created switched off, read, renamed and tagged', async () => {
    const created = await developer('POST /v1/flows', { name: 'Orders', tags: ['Shop', 'shop', 'eu'] });
    expect(created.status).toBe(201);
    const { id } = created.body;
    expect(flowSchema.parse(created.body)).toMatchObject({
      name: 'Orders',
      status: 'inactive',
      version: null,
      tags: ['shop', 'eu'],
      draftRevision: 1,
      changedSincePublish: true,
      steps: [],
    });
    await developer(`PATCH /v1/flows/${id}`, { name: 'Orders EU', description: 'From the shop' });
    const tagged = await developer(`PUT /v1/flows/${id}/tags`, { tags: ['eu'] });
    expect(tagged.body).toMatchObject({ name: 'Orders EU', description: 'From the shop', tags: ['eu'] });
    expect((await developer('GET /v1/tags')).body).toEqual({ items: [{ tag: 'eu', flows: 1 }] });
    expect((await developer(`GET /v1/flows/${id}`)).body).toEqual(tagged.body);
    expect(await auditActions()).toEqual(['flow.created', 'flow.updated', 'flow.updated']);
  });

  it('are saved as often as somebody draws, and the audit log says it once for each who draws and for new settings', async () => {
    const graph = webhookFlow();
    const id = await newFlow({ graph });
    const save = async (who: Call, draftRevision: number, settings = graph.settings) => {
      const saved = await who(`PUT /v1/flows/${id}/draft`, { draftRevision, graph: { ...graph, settings } });
      expect(saved.status).toBe(200);
    };
    await save(developer, 1);
    await save(developer, 2);
    expect(await auditActions()).toEqual(['flow.created', 'flow.draft_saved']);
    await save(await org.as('admin'), 3);
    await save(developer, 4);
    await save(developer, 5, { ...graph.settings, parkLimit: '2d' });
    await save(developer, 6, { ...graph.settings, parkLimit: '2d' });
    expect((await auditActions()).filter((action) => action === 'flow.draft_saved')).toHaveLength(4);
  });

  it('are listed newest first, by search, tag and status, with a cursor', async () => {
    const names = ['Alpha 50%', 'Beta', 'Gamma'];
    for (const [index, name] of names.entries()) {
      await developer('POST /v1/flows', { name, tags: index === 1 ? ['two'] : [] });
    }
    const first = await developer('GET /v1/flows?limit=2');
    expect(first.body.items.map((flow: { name: string }) => flow.name)).toEqual(['Gamma', 'Beta']);
    const second = await developer(`GET /v1/flows?limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body.items.map((flow: { name: string }) => flow.name)).toEqual(['Alpha 50%']);
    expect(second.body.nextCursor).toBeNull();
    const count = async (query: string) => (await developer(`GET /v1/flows?${query}`)).body.items.length;
    expect(await count('search=bet')).toBe(1);
    expect(await count('search=0%25')).toBe(1);
    expect(await count('search=%25')).toBe(1);
    expect(await count('tag=two')).toBe(1);
    expect(await count('status=active')).toBe(0);
    expect(await count('status=active&status=inactive')).toBe(3);
  });

  it('publish an immutable version with a plan, live at once, and keep their address from then on', async () => {
    const id = await newFlow();
    const published = await developer(`POST /v1/flows/${id}/publish`, { note: 'First' });
    expect(published.status).toBe(201);
    expect(published.body).toMatchObject({ flowId: id, version: 1, note: 'First', live: true });
    const flow = (await developer(`GET /v1/flows/${id}`)).body;
    expect(flow).toMatchObject({ status: 'active', version: 1, changedSincePublish: false });
    expect(flow.triggers).toHaveLength(1);
    expect(flow.triggers[0].url).toMatch(/^http:\/\/127\.0\.0\.1:3001\/hooks\/[A-Za-z0-9_-]{22}$/);

    const changed = webhookFlow();
    changed.nodes[1] = { ...changed.nodes[1], title: 'Fetch it' } as (typeof changed.nodes)[number];
    await developer(`PUT /v1/flows/${id}/draft`, { draftRevision: 1, graph: changed });
    expect((await developer(`GET /v1/flows/${id}`)).body).toMatchObject({
      draftRevision: 2,
      changedSincePublish: true,
    });
    await developer(`POST /v1/flows/${id}/publish`);
    const versions = (await developer(`GET /v1/flows/${id}/versions`)).body.items;
    expect(versions.map(({ version, live }: never) => [version, live])).toEqual([
      [2, true],
      [1, false],
    ]);
    expect((await developer(`GET /v1/flows/${id}/versions/1`)).body.graph).toEqual(webhookFlow());
    expect((await developer(`GET /v1/flows/${id}`)).body.triggers).toEqual(flow.triggers);
    const plans = await withOrg(api.db, org.orgId, (tx) => tx.select().from(tables.plans));
    expect(plans.map(({ hash }) => hash)).toContain(published.body.planHash);
  });

  it('stop to answer at an address whose trigger is no longer drawn, and answer there again when it returns', async () => {
    const id = await newFlow();
    await developer(`POST /v1/flows/${id}/publish`);
    const [{ url }] = (await developer(`GET /v1/flows/${id}`)).body.triggers;
    const path = new URL(url).pathname;
    await developer(`PUT /v1/flows/${id}/draft`, { draftRevision: 1, graph: manualWithoutConnection() });
    await developer(`POST /v1/flows/${id}/publish`);
    expect((await callWith(api.app)(`POST ${path}`, {})).status).toBe(404);
    await developer(`PUT /v1/flows/${id}/draft`, { draftRevision: 2, graph: webhookFlow() });
    await developer(`POST /v1/flows/${id}/publish`);
    expect((await developer(`GET /v1/flows/${id}`)).body.triggers[0].url).toBe(url);
  });

  it('are switched, archived and restored; a later publish leaves the switch alone', async () => {
    const id = await newFlow();
    const to = async (action: string) => (await developer(`POST /v1/flows/${id}/${action}`)).body.status;
    await developer(`POST /v1/flows/${id}/publish`);
    expect(await to('deactivate')).toBe('inactive');
    expect(await to('deactivate')).toBe('inactive');
    await developer(`POST /v1/flows/${id}/publish`);
    expect((await developer(`GET /v1/flows/${id}`)).body.status).toBe('inactive');
    expect(await to('activate')).toBe('active');
    expect(await to('archive')).toBe('archived');
    expect((await developer('GET /v1/flows')).body.items).toEqual([]);
    expect(await to('activate')).toBe(409);
    expect(await to('restore')).toBe('inactive');
    expect((await auditActions()).filter((action) => action === 'flow.deactivated')).toHaveLength(1);
  });

  it('are duplicated, exported and imported without connections', async () => {
    const { body: connection } = await developer('POST /v1/connections', {
      name: 'Sender',
      kind: 'example.token',
      settings: { baseUrl: 'https://api.example.com' },
      secret: { token: 'secret-token-1' },
    });
    const id = await newFlow({ graph: manualFlow(connection.id), tags: ['a'] });
    const copy = await developer(`POST /v1/flows/${id}/duplicate`);
    expect(copy.body).toMatchObject({ name: 'Orders (copy)', status: 'inactive', version: null, tags: ['a'] });

    const exported = await developer(`GET /v1/flows/${id}/export`);
    expect(exported.headers.get('content-disposition')).toBe('attachment; filename="flow.json"');
    expect(exported.text).not.toContain(connection.id);
    expect(exported.text).not.toContain('secret-token-1');
    const imported = await developer('POST /v1/flows/import', exported.body);
    expect(imported.status).toBe(201);
    expect(imported.body).toMatchObject({ name: 'Orders', tags: ['a'] });
    expect(imported.body.graph.nodes[1].connectionId).toBeNull();
  });

  it('validate a drawing without changing anything', async () => {
    const id = await newFlow();
    expect((await developer(`POST /v1/flows/${id}/validate`)).body).toEqual({ valid: true, issues: [] });
    const broken = await developer(`POST /v1/flows/${id}/validate`, { graph: manualFlow(null) });
    expect(broken.body.valid).toBe(false);
    expect((await developer(`GET /v1/flows/${id}`)).body.draftRevision).toBe(1);
  });

  it('renew a signing secret, shown once', async () => {
    const id = await newFlow({ graph: webhookFlow({ input: { signature: 'standard' } }) });
    await developer(`POST /v1/flows/${id}/publish`);
    const [trigger] = (await developer(`GET /v1/flows/${id}`)).body.triggers;
    expect(trigger).toMatchObject({ signatureRequired: true, hasSigningSecret: false });
    const renewed = await developer(`POST /v1/flows/${id}/triggers/${trigger.id}/signing-secret`);
    expect(renewed.status).toBe(201);
    expect(renewed.body.signingSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const after = await developer(`GET /v1/flows/${id}`);
    expect(after.body.triggers[0].hasSigningSecret).toBe(true);
    expect(after.text).not.toContain('whsec_');
  });
});

const manualWithoutConnection = () =>
  aGraph(
    [aNode('start', 'trigger.manual'), aNode('read', 'example.read', { input: { key: 'a' } })],
    [['start', 'read']],
  );

describe('flows refuse input', () => {
  const graphOf = (nodes: unknown, edges: unknown = []) => ({ nodes, edges });

  it.each([
    ['wrong JSON', '{"name": "Orders",', 'malformed_json', ''],
    ['no name', {}, 'invalid_request', 'name'],
    ['an empty name', { name: '  ' }, 'invalid_request', 'name'],
    ['an unknown field', { name: 'Orders', colour: 'red' }, 'invalid_request', 'colour'],
    ['a wrong type', { name: 7 }, 'invalid_request', 'name'],
    ['a bad tag', { name: 'Orders', tags: ['<b>'] }, 'invalid_request', 'tags[0]'],
    [
      'a bad step id',
      { name: 'O', graph: graphOf([{ id: 'A!', kind: 'a.b', title: 't' }]) },
      'invalid_request',
      'graph.nodes[0].id',
    ],
    [
      'a node without title',
      { name: 'O', graph: graphOf([{ id: 'a', kind: 'a.b' }]) },
      'invalid_request',
      'graph.nodes[0].title',
    ],
    [
      'a key that reaches prototypes',
      '{"name":"O","graph":{"nodes":[],"edges":[],"__proto__":{"polluted":1}}}',
      'invalid_request',
      'graph',
    ],
    ['nesting without end', `{"name":${'['.repeat(2_000)}${']'.repeat(2_000)}}`, 'invalid_request', ''],
  ])('%s → 400', async (_what, body, code, path) => {
    const answer = await developer('POST /v1/flows', body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    if (code === 'invalid_request') expect(answer.body.errors[0].path).toBe(path);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((await developer('GET /v1/flows')).body.items).toEqual([]);
  });

  it('another media type → 415', async () => {
    const answer = await developer('POST /v1/flows', 'name=Orders', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('a body above 4 MiB → 413, also when it does not say how long it is', async () => {
    const name = 'x'.repeat(4 * 1024 * 1024);
    const answer = await developer('POST /v1/flows', { name });
    expect([answer.status, answer.body.code]).toEqual([413, 'body_too_large']);
    const key = await keyOf();
    const chunks = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(512 * 1024).fill(120)),
    });
    const request = new Request('http://127.0.0.1:3001/v1/flows', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: chunks,
      duplex: 'half',
    } as RequestInit);
    expect((await api.app.request(request)).status).toBe(413);
  });

  const keyOf = async (): Promise<string> =>
    (await (await org.as('admin'))('POST /v1/api-keys', { name: 'stream' })).body.key;

  const invalid: [string, unknown, { code: string; path: string; nodeId?: string; field?: string }][] = [
    [
      'an unknown node kind',
      aGraph([aNode('start', 'trigger.manual'), aNode('what', 'nobody.knows')], [['start', 'what']]),
      { code: 'unknown_kind', path: 'graph.nodes[1].kind', nodeId: 'what' },
    ],
    [
      'a cycle',
      aGraph(
        [
          aNode('start', 'trigger.manual'),
          aNode('a', 'example.read', { input: { key: 'a' } }),
          aNode('b', 'example.read', { input: { key: 'b' } }),
        ],
        [
          ['start', 'a'],
          ['a', 'b'],
          ['b', 'a'],
        ],
      ),
      { code: 'cycle', path: expect.stringMatching(/^graph\.(edges|nodes)\[\d\]/) as never },
    ],
    [
      'a missing field',
      aGraph([aNode('start', 'trigger.manual'), aNode('read', 'example.read')], [['start', 'read']]),
      { code: 'missing_field', path: 'graph.nodes[1].input.key', nodeId: 'read', field: 'key' },
    ],
    [
      'an expression that does not parse',
      aGraph(
        [aNode('start', 'trigger.manual'), aNode('read', 'example.read', { input: { key: '{{ trigger.body. }}' } })],
        [['start', 'read']],
      ),
      { code: 'bad_expression', path: 'graph.nodes[1].input.key', nodeId: 'read', field: 'key' },
    ],
    [
      'a missing connection',
      manualFlow(null),
      { code: 'missing_connection', path: 'graph.nodes[1].connectionId', nodeId: 'send' },
    ],
    [
      "another org's connection",
      manualFlow(`conn_${'0'.repeat(32)}`),
      { code: 'unknown_connection', path: 'graph.nodes[1].connectionId', nodeId: 'send' },
    ],
  ];
  it.each(invalid)('publishing %s → 422 with its place, and nothing is published', async (_what, graph, issue) => {
    const id = await newFlow({ graph });
    const answer = await developer(`POST /v1/flows/${id}/publish`);
    expect([answer.status, answer.body.code]).toEqual([422, 'flow_invalid']);
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ severity: 'error', ...issue }));
    expect((await developer(`GET /v1/flows/${id}`)).body).toMatchObject({
      version: null,
      status: 'inactive',
      triggers: [],
    });
    const validated = await developer(`POST /v1/flows/${id}/validate`);
    expect(validated.body.valid).toBe(false);
  });

  it('a draft that changed in the meantime → 409', async () => {
    const id = await newFlow();
    const save = () => developer(`PUT /v1/flows/${id}/draft`, { draftRevision: 1, graph: webhookFlow() });
    const answers = await Promise.all([save(), save(), save()]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
    const publish = await developer(`POST /v1/flows/${id}/publish`, { draftRevision: 1 });
    expect([publish.status, publish.body.code]).toEqual([409, 'draft_changed']);
  });

  it('publishing at the same time makes one version, the others are told', async () => {
    const id = await newFlow();
    const answers = await Promise.all([1, 2, 3].map(() => developer(`POST /v1/flows/${id}/publish`)));
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const rows = await withOrg(api.db, org.orgId, (tx) =>
      tx.select().from(tables.triggers).where(eq(tables.triggers.flowId, id)),
    );
    expect(rows).toHaveLength(1);
  });

  it('turning on what was never published → 409', async () => {
    const id = await newFlow();
    const answer = await developer(`POST /v1/flows/${id}/activate`);
    expect([answer.status, answer.body.code]).toEqual([409, 'flow_not_published']);
  });

  it('a file that is no export → 422', async () => {
    const answer = await developer('POST /v1/flows/import', { name: 'Orders' });
    expect([answer.status, answer.body.code]).toEqual([422, 'import_invalid']);
    expect(answer.body.errors.length).toBeGreaterThan(0);
  });

  it('a cursor of someone’s own making → 400', async () => {
    const answer = await developer('GET /v1/flows?cursor=%27%20or%201%3D1');
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, 'cursor']);
  });
});

describe('flows refuse callers', () => {
  it('who may only look', async () => {
    const id = await newFlow();
    const viewer = await org.as('viewer');
    expect((await viewer(`GET /v1/flows/${id}`)).status).toBe(200);
    for (const operation of [`PATCH /v1/flows/${id}`, `POST /v1/flows/${id}/publish`, `POST /v1/flows/${id}/archive`]) {
      const answer = await viewer(operation, {});
      expect([operation, answer.status]).toEqual([operation, 403]);
    }
  });
});

import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aGraph, aNode } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

const canary = 'canary-variable-4c7e';

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

const graph = (text: string) =>
  aGraph(
    [aNode('start', 'trigger.manual'), aNode('note', 'control.setVariables', { input: { variables: { text } } })],
    [['start', 'note']],
  );
const createFlow = async (text: string): Promise<string> =>
  (await developer('POST /v1/flows', { name: 'Orders', graph: graph(text) })).body.id;
const set = (name: string, type: string, value?: unknown, description?: string) =>
  developer(`PUT /v1/variables/${name}`, { type, value, description });
const auditOf = (name: string) =>
  withSystem(api.db, (tx) => tx.select().from(tables.auditEvents).where(eq(tables.auditEvents.targetId, name)));

describe('variables', () => {
  it('are set, listed by name and deleted, with what was there before in the audit trail', async () => {
    await set('ZONE', 'string', 'eu');
    expect((await set('LIMIT', 'number', 5)).body).toMatchObject({
      name: 'LIMIT',
      type: 'number',
      value: 5,
      usedBy: [],
    });
    await set('LIMIT', 'json', { most: 7 });
    const { items } = (await developer('GET /v1/variables')).body;
    expect(items.map((each: { name: string; value: unknown }) => [each.name, each.value])).toEqual([
      ['LIMIT', { most: 7 }],
      ['ZONE', 'eu'],
    ]);
    expect((await developer('DELETE /v1/variables/LIMIT')).status).toBe(204);
    expect((await developer('DELETE /v1/variables/LIMIT')).body.code).toBe('variable_not_found');
    expect((await auditOf('LIMIT')).map(({ action, changes }) => [action, changes])).toEqual([
      [
        'variable.created',
        {
          type: { before: null, after: 'number' },
          description: { before: null, after: '' },
          value: { before: null, after: 5 },
        },
      ],
      [
        'variable.changed',
        {
          type: { before: 'number', after: 'json' },
          value: { before: 5, after: null },
          'value.most': { before: null, after: 7 },
        },
      ],
      [
        'variable.deleted',
        {
          type: { before: 'json', after: null },
          description: { before: '', after: null },
          'value.most': { before: 7, after: null },
        },
      ],
    ]);
  });

  it('that are secret are never shown, and stand nowhere but sealed to their org and name', async () => {
    const answers = [await set('TOKEN', 'secret', canary), await set('TOKEN', 'secret', `${canary}-2`)];
    answers.push(await developer('GET /v1/variables'));
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(text).not.toContain(canary);
    }
    const entries = await auditOf('TOKEN');
    expect(entries.map(({ changes }) => changes?.['valueSealed'])).toEqual([{ isHidden: true }, { isHidden: true }]);
    expect(JSON.stringify(entries)).not.toContain(canary);
    const [row] = await withSystem(api.db, (tx) =>
      tx.select().from(tables.variables).where(eq(tables.variables.orgId, org.orgId)),
    );
    const sealed = row?.valueSealed ?? new Uint8Array();
    expect(Buffer.from(sealed).includes(canary)).toBe(false);
    expect(await api.ring.openJson(org.orgId, sealed, `variables.value:${org.orgId}:TOKEN`)).toBe(`${canary}-2`);
    await expect(api.ring.openJson(org.orgId, sealed, `variables.value:${org.orgId}:OTHER`)).rejects.toThrow();
  });

  it('keep their value, or their description, where only the other is given', async () => {
    await set('TOKEN', 'secret', canary, 'Of the supplier');
    expect((await set('TOKEN', 'secret', undefined, 'Of the new supplier')).body).toMatchObject({
      description: 'Of the new supplier',
      value: null,
    });
    expect((await set('TOKEN', 'secret', `${canary}-2`)).body.description).toBe('Of the new supplier');
    const [row] = await withSystem(api.db, (tx) =>
      tx.select().from(tables.variables).where(eq(tables.variables.orgId, org.orgId)),
    );
    const sealed = row?.valueSealed ?? new Uint8Array();
    expect(await api.ring.openJson(org.orgId, sealed, `variables.value:${org.orgId}:TOKEN`)).toBe(`${canary}-2`);
  });

  it('are added without replacing one of the same name, where that is asked', async () => {
    const add = (value: string) =>
      developer('PUT /v1/variables/ZONE', { type: 'string', value }, { 'if-none-match': '*' });
    expect((await add('eu')).status).toBe(200);
    const taken = await add('us');
    expect([taken.status, taken.body.code, taken.body.errors[0].path]).toEqual([409, 'name_taken', 'name']);
    expect((await developer('GET /v1/variables')).body.items[0].value).toBe('eu');
  });

  it('need a value when they are new, and of another type another one', async () => {
    await set('TOKEN', 'secret', canary);
    for (const answer of [await set('LIMIT', 'number'), await set('TOKEN', 'string')]) {
      expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([422, 'variable_invalid', 'value']);
      expect(answer.text).not.toContain('canary');
    }
  });

  it.each([
    ['string', 7],
    ['number', '7'],
    ['boolean', 'yes'],
    ['secret', 'canary7'],
    ['secret', { canary }],
    ['json', 'canary'.repeat(2_000)],
  ])('of type %s refuse a value that does not fit, and do not repeat it', async (type, value) => {
    const answer = await set('NAME', type, value);
    expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([422, 'variable_invalid', 'value']);
    expect(answer.text).not.toContain('canary');
  });

  it.each(['region', '1REGION', 'RE-GION', `R${'X'.repeat(64)}`])('cannot be called %s', async (name) => {
    expect((await set(name, 'string', 'x')).status).toBe(400);
  });

  it('are no more than 500 in an org', async () => {
    const row = { orgId: org.orgId, type: 'string' as const, valueSealed: new Uint8Array([1]), updatedBy: 'x' };
    const rows = Array.from({ length: 500 }, (_, index) => ({ ...row, name: `V${index}` }));
    await withSystem(api.db, (tx) => tx.insert(tables.variables).values(rows));
    expect((await set('ONE_MORE', 'string', 'x')).body.code).toBe('variable_invalid');
  });

  it('belong to their org, and to those who may write', async () => {
    await set('ZONE', 'string', 'eu');
    const other = await (await api.createOrg()).as('owner');
    expect((await other('GET /v1/variables')).body.items).toEqual([]);
    expect((await other('DELETE /v1/variables/ZONE')).status).toBe(404);
    for (const role of ['viewer', 'operator'] as const) {
      const call = await org.as(role);
      expect((await call('GET /v1/variables')).body.items).toHaveLength(1);
      expect((await call('PUT /v1/variables/ZONE', { type: 'string', value: 'us' })).status).toBe(403);
      expect((await call('DELETE /v1/variables/ZONE')).status).toBe(403);
    }
  });
});

describe('a flow that reads variables', () => {
  it('is published only when they exist, and keeps them from being deleted or given another type while it is on', async () => {
    const flowId = await createFlow('{{ env.ZONE }}');
    const refused = await developer(`POST /v1/flows/${flowId}/publish`);
    expect([refused.status, refused.body.errors[0].code, refused.body.errors[0].path]).toEqual([
      422,
      'variable_missing',
      'graph.nodes[1].input.variables.text',
    ]);
    await set('ZONE', 'string', 'eu');
    expect((await developer(`POST /v1/flows/${flowId}/publish`)).status).toBe(201);
    expect((await developer('GET /v1/variables')).body.items[0].usedBy).toEqual([{ flowId, name: 'Orders' }]);
    const answers = [
      await developer('DELETE /v1/variables/ZONE'),
      await set('ZONE', 'secret', canary),
      await set('ZONE', 'number', 7),
    ];
    for (const { status, body } of answers) {
      expect([status, body.code, body.errors[0].path]).toEqual([409, 'variable_in_use', flowId]);
    }
    expect((await set('ZONE', 'string', 'us')).status).toBe(200);
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    expect((await set('ZONE', 'number', 7)).status).toBe(200);
    expect((await developer('DELETE /v1/variables/ZONE')).status).toBe(204);
  });

  it('is switched on again only when they are there as its version reads them', async () => {
    await set('ZONE', 'string', 'eu');
    const flowId = await createFlow('{{ env.ZONE }}');
    await developer(`POST /v1/flows/${flowId}/publish`);
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    await set('ZONE', 'secret', canary);
    const activate = () => developer(`POST /v1/flows/${flowId}/activate`);
    const secret = await activate();
    await developer('DELETE /v1/variables/ZONE');
    const gone = await activate();
    for (const { status, body } of [secret, gone]) {
      expect([status, body.code, body.errors[0].path]).toEqual([409, 'variables_missing', 'env.ZONE']);
    }
    expect(secret.body.errors[0].message).toContain('It is secret now');
    await set('ZONE', 'string', 'eu');
    expect((await activate()).status).toBeLessThan(300);
  });

  it('is not named to those whom it is kept from, and is counted all the same', async () => {
    await set('ZONE', 'string', 'eu');
    const flowId = await createFlow('{{ env.ZONE }}');
    await developer(`POST /v1/flows/${flowId}/publish`);
    const admin = await org.as('admin');
    await admin(`PUT /v1/flows/${flowId}/access`, { isRestricted: true, grants: [] });
    const seen = async (call: Call) => {
      const [{ usedBy, usedByOthers }] = (await call('GET /v1/variables')).body.items;
      return [usedBy, usedByOthers];
    };
    expect(await seen(admin)).toEqual([[{ flowId, name: 'Orders' }], 0]);
    const other = await org.as('developer');
    expect(await seen(other)).toEqual([[], 1]);
    const refused = await other('DELETE /v1/variables/ZONE');
    expect([refused.status, refused.body.code, refused.body.errors]).toEqual([409, 'variable_in_use', []]);
    expect(refused.body.detail).toContain('1 that you have no access to');
    expect(refused.text).not.toContain('Orders');
  });

  it('never goes live without a variable that is deleted at the same time', async () => {
    const outcomes: string[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      const name = `ZONE_${turn}`;
      await set(name, 'string', 'eu');
      const flowId = await createFlow(`{{ env.${name} }}`);
      const [published, deleted] = await Promise.all([
        developer(`POST /v1/flows/${flowId}/publish`),
        developer(`DELETE /v1/variables/${name}`),
      ]);
      outcomes.push(`${published.status} ${deleted.status}`);
      if (published.status !== 201) expect(['variables_missing', 'flow_invalid']).toContain(published.body.code);
    }
    for (const outcome of outcomes) expect(['201 409', '409 204', '422 204']).toContain(outcome);
  });

  it('is told where a secret one cannot stand', async () => {
    await set('TOKEN', 'secret', canary);
    const flowId = await createFlow('{{ env.TOKEN }}');
    const { issues } = (await developer(`POST /v1/flows/${flowId}/validate`, {})).body;
    expect(issues).toMatchObject([{ code: 'secret_misplaced', nodeId: 'note', field: 'variables.text' }]);
  });
});

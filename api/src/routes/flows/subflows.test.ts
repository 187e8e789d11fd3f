import { runSchema } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aGraph, aNode } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

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

const leaf = aGraph(
  [aNode('start', 'trigger.manual'), aNode('end', 'control.return', { input: { output: 1 } })],
  [['start', 'end']],
);
const running = (flowId: string) =>
  aGraph(
    [aNode('start', 'trigger.manual'), aNode('call', 'control.subflow', { input: { flowId } })],
    [['start', 'call']],
  );
const newFlow = async (name: string, graph: object, call = developer): Promise<string> =>
  (await call('POST /v1/flows', { name, graph })).body.id;
const published = async (name: string, graph: object, call = developer): Promise<string> => {
  const id = await newFlow(name, graph, call);
  expect((await call(`POST /v1/flows/${id}/publish`)).status).toBe(201);
  return id;
};
const livePlan = (flowId: string, version: number) =>
  withOrg(api.db, org.orgId, async (tx) => {
    const [row] = await tx
      .select({ plan: tables.plans.plan, hash: tables.plans.hash })
      .from(tables.flowVersions)
      .innerJoin(tables.plans, eq(tables.plans.hash, tables.flowVersions.planHash))
      .where(and(eq(tables.flowVersions.flowId, flowId), eq(tables.flowVersions.version, version)));
    if (!row) throw new Error(`${flowId} has no version ${version}.`);
    return row;
  });

/** The codes for which a flow is not published, with their places. */
const refusal = async (flowId: string): Promise<readonly string[]> => {
  const answer = await developer(`POST /v1/flows/${flowId}/publish`);
  expect(answer.status).toBe(422);
  const validated = await developer(`POST /v1/flows/${flowId}/validate`, {});
  expect(validated.body.valid).toBe(false);
  return answer.body.errors.map(({ code, path }: { code: string; path: string }) => `${code} ${path}`);
};

describe('a flow with a sub-flow', () => {
  it('is published with the plan that is live then, and keeps it when the other flow is published again', async () => {
    const inner = await published('Shipping', leaf);
    const outer = await published('Orders', running(inner));
    const first = await livePlan(inner, 1);
    expect((await livePlan(outer, 1)).plan.steps['call']).toMatchObject({
      type: 'subflow',
      planHash: first.hash,
      plan: first.plan,
    });
    await developer(`POST /v1/flows/${inner}/publish`, { note: 'again' });
    expect((await livePlan(outer, 1)).plan.steps['call']).toMatchObject({ plan: { flowVersion: 1 } });
    await developer(`POST /v1/flows/${outer}/publish`);
    expect((await livePlan(outer, 2)).plan.steps['call']).toMatchObject({ plan: { flowVersion: 2 } });
  });

  it('is not published when that one is not, is archived, or is another organisation’s', async () => {
    const place = 'graph.nodes[1].input.flowId';
    const draft = await newFlow('Draft', leaf);
    expect(await refusal(await newFlow('Orders', running(draft)))).toEqual([`subflow_not_published ${place}`]);
    const gone = await published('Gone', leaf);
    await developer(`POST /v1/flows/${gone}/archive`);
    expect(await refusal(await newFlow('Orders', running(gone)))).toEqual([`subflow_archived ${place}`]);
    const foreign = await published('Foreign', leaf, await (await api.createOrg()).as('developer'));
    expect(await refusal(await newFlow('Orders', running(foreign)))).toEqual([`unknown_subflow ${place}`]);
  });

  it('is not published when it would run inside itself, or six deep', async () => {
    const place = 'graph.nodes[1].input.flowId';
    const one = await published('One', leaf);
    const two = await published('Two', running(one));
    const { draftRevision } = (await developer(`GET /v1/flows/${one}`)).body;
    const saved = await developer(`PUT /v1/flows/${one}/draft`, { graph: running(two), draftRevision });
    expect(saved.status).toBe(200);
    expect(await refusal(one)).toEqual([`subflow_of_itself ${place}`]);

    let last = await published('Leaf', leaf);
    for (let depth = 1; depth <= 5; depth += 1) last = await published(`Depth ${depth}`, running(last));
    expect(await refusal(await newFlow('Too deep', running(last)))).toEqual([`subflows_too_deep ${place}`]);
  });
});

describe('the run of a sub-flow', () => {
  it('and its parent name each other, and the dispatcher starts it again as what it is', async () => {
    const inner = await published('Shipping', leaf);
    const outer = await published('Orders', running(inner));
    const parentId: string = (await developer(`POST /v1/flows/${outer}/runs`, {})).body.runId;
    const childId: string = (await developer(`POST /v1/flows/${inner}/runs`, {})).body.runId;
    await withOrg(api.db, org.orgId, (tx) =>
      tx
        .update(tables.runs)
        .set({ parentRunId: parentId, parentPath: 'call', parentOrdinal: 2, parentWaits: true })
        .where(eq(tables.runs.id, childId)),
    );
    const parent = runSchema.parse((await developer(`GET /v1/runs/${parentId}`)).body);
    expect(parent).toMatchObject({
      parent: null,
      children: [{ path: 'call', ordinal: 2, runId: childId, flowName: 'Shipping', status: 'queued', waitedFor: true }],
    });
    const child = runSchema.parse((await developer(`GET /v1/runs/${childId}`)).body);
    expect(child).toMatchObject({ parent: { runId: parentId, path: 'call', ordinal: 2 }, children: [] });
    await api.dispatch();
    expect(api.temporal.started.find(({ runId }) => runId === childId)?.parent).toEqual({
      runId: parentId,
      path: 'call',
      ordinal: 2,
      waits: true,
    });
    expect(api.temporal.started.find(({ runId }) => runId === parentId)).not.toHaveProperty('parent');
  });
});

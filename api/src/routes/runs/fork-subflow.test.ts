import { runSchema } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { generationOfFork, type Json } from '@everwave/schema/flow';
import { childRunIdOf } from '@everwave/schema/interpreter';
import { workflowIdOf } from '@everwave/schema/ids';
import { additionalData } from '@everwave/temporal/encryption';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aGraph, aNode } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let developer: Call;
let orders: string;
let shipping: string;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  developer = await org.as('developer');
  api.temporal.started.length = 0;
  shipping = await published(
    'Shipping',
    [aNode('start', 'trigger.manual'), read('pack'), read('ship')],
    ['pack', 'ship'],
  );
  const call = aNode('call', 'control.subflow', { title: 'Ship it', input: { flowId: shipping } });
  orders = await published(
    'Orders',
    [aNode('start', 'trigger.manual'), read('pick'), call, read('tell')],
    ['pick', 'call', 'tell'],
  );
});

const read = (id: string) => aNode(id, 'example.read', { title: `Step ${id}`, input: { key: id } });
const published = async (
  name: string,
  nodes: Parameters<typeof aGraph>[0],
  chain: readonly string[],
  more: readonly object[] = [],
): Promise<string> => {
  const { edges, ...drawn } = aGraph(
    nodes,
    chain.map((to, index) => [chain[index - 1] ?? 'start', to] as const),
  );
  const graph = { ...drawn, edges: [...edges, ...more] };
  const { id } = (await developer('POST /v1/flows', { name, graph })).body;
  expect((await developer(`POST /v1/flows/${id}/publish`)).status).toBe(201);
  return id;
};

type Status = 'succeeded' | 'waiting' | 'needs_attention' | 'failed';
interface StepDone {
  readonly path: string;
  readonly status?: Status;
  /** What the ledger knows of it. */
  readonly effect?: 'confirmed' | 'unsure';
}

/** What a worker's projection would write of these steps. */
const done = (runId: string, status: Status, steps: readonly StepDone[]): Promise<void> =>
  withOrg(api.db, org.orgId, async (tx) => {
    await tx.update(tables.runs).set({ status, seq: 9, temporalRunId: 'temporal-1' }).where(eq(tables.runs.id, runId));
    for (const [index, { path, status: ofStep = 'succeeded', effect }] of steps.entries()) {
      const seal = (value: Json, binding: string) => api.ring.sealJson(org.orgId, value, binding);
      await tx.insert(tables.runSteps).values({
        orgId: org.orgId,
        runId,
        path,
        stepId: path,
        ordinal: 1,
        status: ofStep,
        seq: index + 2,
        temporalRunId: 'temporal-1',
        startedAt: new Date(),
        inputSealed: await seal({ of: path }, additionalData.stepInput(runId, path, 1)),
        ...(ofStep === 'succeeded'
          ? { outputSealed: await seal({ value: path }, additionalData.stepOutput(runId, path, 1)) }
          : { failure: { name: 'missing', message: 'No such key.' } }),
      });
      if (!effect) continue;
      await tx.insert(tables.effects).values({
        orgId: org.orgId,
        effectKey: `${path} of ${runId}`,
        runId,
        path,
        activity: 'example.read@1',
        requestHash: 'hash',
        state: effect,
        ordinal: 1,
      });
    }
  });

interface Pair {
  readonly parent: string;
  readonly child: string;
}

/** A run that has come through its sub-flow, or waits for it to be repaired. */
const aPair = async (isOpen = false): Promise<Pair> => {
  const parent = (await developer(`POST /v1/flows/${orders}/runs`, { input: { name: 'Ada' } })).body.runId;
  await api.dispatch();
  const child = childRunIdOf(parent, 'call', 1);
  await withOrg(api.db, org.orgId, async (tx) => {
    const [version] = await tx.select().from(tables.flowVersions).where(eq(tables.flowVersions.flowId, shipping));
    await tx.insert(tables.runs).values({
      id: child,
      orgId: org.orgId,
      flowId: shipping,
      flowVersion: 1,
      planHash: version?.planHash ?? '',
      triggerNodeId: 'start',
      triggerKind: 'trigger.manual',
      rootRunId: child,
      parentRunId: parent,
      parentPath: 'call',
      parentOrdinal: 1,
      parentWaits: true,
      workflowId: workflowIdOf(org.orgId, child),
      triggerSealed: await api.ring.sealJson(org.orgId, { body: {} }, additionalData.runTrigger(child)),
    });
  });
  await done(parent, isOpen ? 'waiting' : 'succeeded', [
    { path: 'start' },
    { path: 'pick', effect: 'confirmed' },
    { path: 'call', ...(isOpen && { status: 'waiting' as const }) },
    ...(isOpen ? [] : [{ path: 'tell', effect: 'confirmed' as const }]),
  ]);
  await done(child, isOpen ? 'needs_attention' : 'succeeded', [
    { path: 'start' },
    { path: 'pack', effect: 'confirmed' },
    { path: 'ship', effect: isOpen ? 'unsure' : 'confirmed', ...(isOpen && { status: 'needs_attention' as const }) },
  ]);
  return { parent, child };
};
const preview = async (runId: string, body: object) =>
  (await developer(`POST /v1/runs/${runId}/fork/preview`, body)).body;
const fork = (runId: string, body: object) => developer(`POST /v1/runs/${runId}/fork`, body);
const pathsOf = (items: readonly { readonly path: string }[]) => items.map(({ path }) => path);
const startedAs = async (runId: string) => {
  await api.dispatch();
  return api.temporal.started.find((input) => input.runId === runId);
};

describe('starting a run with a sub-flow again', () => {
  it('behind it repeats nothing of it', async () => {
    const { parent } = await aPair();
    const verdict = await preview(parent, { from: 'tell' });
    expect([verdict.fits, pathsOf(verdict.again), pathsOf(verdict.effects)]).toEqual([true, ['tell'], ['tell']]);
  });

  it('at it lists each effect that its run has had, and takes a tick for each or for the sub-flow', async () => {
    const { parent } = await aPair();
    const verdict = await preview(parent, { from: 'call' });
    expect(pathsOf(verdict.again)).toEqual(['call', 'tell']);
    expect(verdict.effects).toMatchObject([
      { path: 'tell', title: 'Step tell' },
      { path: 'call/pack', stepId: 'call/pack', title: 'Step pack', state: 'confirmed', isKept: false },
      { path: 'call/ship', title: 'Step ship', state: 'confirmed' },
    ]);
    const refused = await fork(parent, { from: 'call', accept: ['tell', 'call/pack'] });
    expect([refused.status, pathsOf(refused.body.errors)]).toEqual([409, ['call/ship']]);
    expect((await fork(parent, { from: 'call', accept: ['tell', 'call'] })).status).toBe(202);
  });

  it('inside it repeats what is behind the step there and behind the sub-flow, and counts the forks of both roots', async () => {
    const { parent, child } = await aPair();
    const body = { from: 'call/ship', outputs: { 'call/pack': { value: 'edited' }, pick: { value: 'also' } } };
    const verdict = await preview(parent, body);
    expect([verdict.fits, pathsOf(verdict.again)]).toEqual([true, ['tell', 'call/ship']]);
    expect(pathsOf(verdict.effects).toSorted()).toEqual(['call/ship', 'tell']);
    // The sub-flow's run on its own: the flow around it has ended.
    expect((await fork(child, { from: 'ship', accept: ['ship'] })).status).toBe(202);
    const started = await fork(parent, { ...body, accept: ['call/ship', 'tell'] });
    expect(started.status).toBe(202);
    expect((await startedAs(started.body.runId))?.fork).toEqual({
      originRunId: parent,
      originSeq: null,
      at: 'call',
      outputs: { pick: { value: 'also' } },
      generation: generationOfFork(1),
      child: {
        originRunId: child,
        rootRunId: child,
        at: 'ship',
        outputs: { pack: { value: 'edited' } },
        generation: generationOfFork(2),
      },
    });
    const page = runSchema.parse((await developer(`GET /v1/runs/${started.body.runId}`)).body);
    expect(page).toMatchObject({ forkOfRunId: parent, forkAt: 'call/ship' });
    // A third one of the sub-flow's root has a number of its own, although the second has no row yet.
    const third = await fork(child, { from: 'ship', accept: ['ship'] });
    expect((await startedAs(third.body.runId))?.fork?.generation).toBe(generationOfFork(3));
  });

  it('while it waits for a repair in it ends both runs, the inner one first, as they were seen', async () => {
    const { parent, child } = await aPair(true);
    const verdict = await preview(parent, { from: 'call/ship' });
    expect(verdict).toMatchObject({ fits: true, supersedes: true, effects: [{ path: 'call/ship', state: 'unsure' }] });
    const { body } = await fork(parent, { from: 'call/ship', input: { key: 'b' }, accept: ['call/ship'] });
    expect((await startedAs(body.runId))?.fork).toMatchObject({
      originSeq: 9,
      ending: [{ runId: child, seq: 9, byRunId: childRunIdOf(body.runId, 'call', 1) }],
      child: { at: 'ship', input: { key: 'b' } },
    });
  });

  it('from before it, while it waits for a repair, ends it with the whole', async () => {
    const { parent, child } = await aPair(true);
    const verdict = await preview(parent, { from: 'pick' });
    expect(pathsOf(verdict.effects).toSorted()).toEqual(['call/pack', 'call/ship', 'pick']);
    const { body } = await fork(parent, { from: 'pick', accept: ['pick', 'call'] });
    expect((await startedAs(body.runId))?.fork?.ending).toEqual([{ runId: child, seq: 9, byRunId: body.runId }]);
  });

  it('is refused on its own run while the flow around it waits, and says where to start instead', async () => {
    const { parent, child } = await aPair(true);
    const answer = await fork(child, { from: 'ship', accept: ['ship'] });
    expect([answer.status, answer.body.code]).toEqual([409, 'fork_refused']);
    expect(answer.body.detail).toContain(`${parent} waits`);
    expect(answer.body.detail).toContain('"call/ship"');
  });

  it('inside what is no sub-flow, or in it at no step, is not possible', async () => {
    const { parent } = await aPair();
    expect((await preview(parent, { from: 'pick/ship' })).problems).toMatchObject([
      { code: 'no_subflow', path: 'pick' },
    ]);
    expect((await preview(parent, { from: 'call/nothing' })).problems).toMatchObject([
      { code: 'unknown_step', path: 'call/nothing' },
    ]);
  });
});

describe('starting a run again whose effects have been undone', () => {
  it('asks for each step that would stand undone, and says of each that runs again that it was undone', async () => {
    const nodes = [
      aNode('start', 'trigger.manual'),
      read('reserve'),
      aNode('charge', 'example.read', { title: 'Charge', input: { key: 'c' } }),
      read('release'),
    ];
    const undo = { id: 'undo', from: 'reserve', to: 'release', port: 'compensate' };
    const flowId = await published('Saga', nodes, ['reserve', 'charge'], [undo]);
    const { runId } = (await developer(`POST /v1/flows/${flowId}/runs`, {})).body;
    await api.dispatch();
    await done(runId, 'failed', [
      { path: 'start' },
      { path: 'reserve', effect: 'confirmed' },
      { path: 'charge', status: 'failed' },
      { path: 'release', effect: 'confirmed' },
    ]);
    const behind = await preview(runId, { from: 'charge' });
    expect(behind).toMatchObject({ fits: true, effects: [{ path: 'reserve', state: 'undone', isKept: true }] });
    const refused = await fork(runId, { from: 'charge' });
    expect([refused.body.code, refused.body.errors[0].message]).toEqual([
      'effects_not_accepted',
      'Step reserve: it was undone, and would not happen again: what follows reads what it gave then.',
    ]);
    const again = await preview(runId, { from: 'reserve' });
    expect(again.effects).toMatchObject([{ path: 'reserve', state: 'undone', isKept: false }]);
    expect((await fork(runId, { from: 'charge', accept: ['reserve'] })).status).toBe(202);
  });
});

import { compileFlow, flowGraphSchema, type Json } from '@everwave/schema/flow';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aGraph, aNode, manualFlow, webhookFlow } from './testing/graphs.ts';
import { placesIn, valueAt, withValue } from './testing/security-matrix/places.ts';
import { type Answer, type Call, createTestApi, type TestApi, type TestOrg } from './testing/test-api.ts';

let api: TestApi;
let mine: TestOrg;
let intruder: Call;
let foreignId: string;
let ownId: string;
const secret = 'their-secret-token';

const connection = (name: string, token: string) => ({
  name,
  kind: 'example.token',
  settings: { baseUrl: 'https://their-own-host.example' },
  secret: { token },
});

beforeAll(async () => {
  api = await createTestApi({ limits: { callsPerMinute: 100_000, orgCallsPerMinute: 100_000 } });
  const theirs = await (await api.createOrg('Theirs')).as('admin');
  mine = await api.createOrg('Intruder');
  intruder = await mine.as('admin');
  foreignId = (await theirs('POST /v1/connections', connection('Their connection', secret))).body.id;
  ownId = (
    await intruder('POST /v1/connections', {
      ...connection('Mine', 'my-own-token'),
      settings: { baseUrl: 'https://x.example' },
    })
  ).body.id;
});
afterAll(() => api.close());

const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Ways to say an id: as what it is, inside something, or by an expression that hopes to find it. */
const spellings = (id: string): readonly Json[] => [
  id,
  [id],
  { connectionId: id },
  { connection: { id }, credentials: { token: { id } } },
  { kind: 'example.send', input: { text: 'a' }, connectionId: id },
  `{{ connections.${id}.secret.token }}`,
  `{{ $lookup(env, "${id}") }}`,
  `{{ steps.send.connection }}${id}`,
];
const fieldNames = ['connectionId', 'connection', 'credential', 'credentials', 'secret', 'id', 'orgId'];

/** Every document that differs from this one by the id in one place: instead of a value, or as a field beside others. */
const placementsIn = (document: Json, id: string): readonly Json[] =>
  placesIn(document).flatMap((place) => {
    const there = valueAt(document, place);
    const instead = spellings(id).map((spelling) => withValue(document, place, spelling));
    if (!isObject(there)) return instead;
    const beside = fieldNames.flatMap((name) =>
      [id, { id }].map((spelling) => withValue(document, place, { ...there, [name]: spelling })),
    );
    return [...instead, ...beside];
  });

/** A flow with an action, a step that only reads, values nested in an input, and everything that a node may carry. */
const wideFlow = () =>
  aGraph(
    [
      aNode('start', 'trigger.manual', { note: 'By hand' }),
      aNode('set', 'control.setVariables', { input: { variables: { name: '{{ trigger.body.name }}' } } }),
      aNode('read', 'example.read', { input: { key: 'a' }, policy: { maximumAttempts: 3, onFailure: 'continue' } }),
      aNode('send', 'example.send', { input: { text: 'Hello {{ vars.name }}' }, connectionId: ownId }),
      aNode('done', 'control.return', {
        input: { output: { sent: { id: '{{ steps.send.output.id }}', list: [1, 'two'] } } },
      }),
    ],
    [
      ['start', 'set'],
      ['set', 'read'],
      ['read', 'send'],
      ['send', 'done'],
    ],
  );

const documents = (): readonly Json[] => [manualFlow(ownId), webhookFlow(), wideFlow()] as unknown as readonly Json[];

const aValue: Json = {
  customer: { id: 'c_7', name: 'Ada', tags: ['new', 'paying'], address: { city: 'Turin', zip: '10121' } },
  lines: [
    { sku: 'a', count: 1, options: { gift: true, note: null } },
    { sku: 'b', count: 2, options: {} },
  ],
  total: 129.9,
};

const stepsFlow = () =>
  aGraph(
    [
      aNode('start', 'trigger.manual'),
      aNode('first', 'example.read', { input: { key: 'a' } }),
      aNode('send', 'example.read', { input: { key: '{{ steps.first.output.value }}' } }),
    ],
    [
      ['start', 'first'],
      ['first', 'send'],
    ],
  );

/** A run that waits for a person at its step `send`, or is over, as the worker's projection would write it. */
const projectedRun = async (flowId: string, status: 'needs_attention' | 'succeeded'): Promise<string> => {
  const { runId } = (await intruder(`POST /v1/flows/${flowId}/runs`, { input: { name: 'Ada' } })).body;
  await api.dispatch();
  const { orgId } = mine;
  const output = await api.ring.sealJson(orgId, { value: 'a' }, additionalData.stepOutput(runId, 'first', 1));
  const step = { orgId, runId, ordinal: 1, temporalRunId: 'temporal-1', startedAt: new Date() };
  await withOrg(api.db, orgId, async (tx) => {
    await tx.update(tables.runs).set({ status, seq: 9, temporalRunId: 'temporal-1' }).where(eq(tables.runs.id, runId));
    await tx.insert(tables.runSteps).values([
      { ...step, path: 'start', stepId: 'start', seq: 2, status: 'succeeded', finishedAt: new Date() },
      {
        ...step,
        path: 'first',
        stepId: 'first',
        seq: 3,
        status: 'succeeded',
        finishedAt: new Date(),
        outputSealed: output,
      },
      {
        ...step,
        path: 'send',
        stepId: 'send',
        seq: 4,
        status,
        failure: { name: 'missing', message: 'No such key.' },
      },
    ]);
  });
  return runId;
};

describe("another org's connection", () => {
  it('is in no plan and no answer, wherever in a flow its id stands: more than 2,000 places', async () => {
    const placements = documents().flatMap((document) => placementsIn(document, foreignId));
    expect(placements.length).toBeGreaterThanOrEqual(2_000);
    const flowId = (await intruder('POST /v1/flows', { name: 'Mine', graph: manualFlow(ownId) })).body.id;
    const connections = [{ id: ownId, kind: 'example.token', name: 'Mine' }];
    const outcomes = { refused: 0, invalid: 0, compiled: 0 };
    for (const [index, placement] of placements.entries()) {
      const parsed = flowGraphSchema.safeParse(placement);
      if (!parsed.success) outcomes.refused += 1;
      else {
        const compiled = compileFlow({
          flowId,
          flowVersion: 1,
          title: 'Mine',
          graph: parsed.data,
          manifests: api.dependencies.nodeKinds.connectors,
          connections,
        });
        if (!compiled.ok) outcomes.invalid += 1;
        else {
          outcomes.compiled += 1;
          for (const step of Object.values(compiled.plan.steps)) {
            if ('connectionId' in step) expect([null, ownId]).toContain(step.connectionId);
          }
        }
      }
      // The same over HTTP for some of each sort; the rest would only take longer.
      if (index % 12 !== 0) continue;
      const answers = [
        await intruder(`POST /v1/flows/${flowId}/validate`, { graph: placement }),
        await intruder('POST /v1/flows/import', {
          format: 'everwave.flow',
          formatVersion: 1,
          name: 'F',
          graph: placement,
        }),
        await intruder(`POST /v1/flows/${flowId}/runs`, { input: placement }),
      ];
      for (const { status, text } of answers) {
        expect(status).toBeLessThan(500);
        expect(text).not.toMatch(/Their connection|their-own-host|their-secret/);
      }
    }
    // Not everything was refused at the door, or this would show little.
    expect(outcomes.refused).toBeGreaterThan(100);
    expect(outcomes.invalid).toBeGreaterThan(100);
    expect(outcomes.compiled).toBeGreaterThan(100);
  });

  it('is resolved by no operation: more than 2,000 placements that are saved, published, imported, run, repaired with, forked with', async () => {
    const { id: flowId, draftRevision } = (await intruder('POST /v1/flows', { name: 'Placed', graph: stepsFlow() }))
      .body;
    await intruder(`POST /v1/flows/${flowId}/publish`);
    const parkedId = await projectedRun(flowId, 'needs_attention');
    // One that is over can be started again as often as anybody likes.
    const endedId = await projectedRun(flowId, 'succeeded');
    const target = (await intruder('POST /v1/flows', { name: 'Target', graph: manualFlow(ownId) })).body;
    let revision: number = target.draftRevision;
    expect(draftRevision).toBeGreaterThan(0);
    const save = async (graph: Json): Promise<Answer> => {
      const answer = await intruder(`PUT /v1/flows/${target.id}/draft`, { draftRevision: revision, graph });
      if (answer.status === 200) revision = answer.body.draftRevision;
      return answer;
    };
    const file = (graph: Json) => ({ format: 'everwave.flow', formatVersion: 1, name: 'F', graph });
    type Operation = (placement: Json) => Promise<Answer>;
    const ofFlows: Readonly<Record<string, Operation>> = {
      save,
      publish: async (graph) => {
        const saved = await save(graph);
        return saved.status === 200 ? intruder(`POST /v1/flows/${target.id}/publish`) : saved;
      },
      import: (graph) => intruder('POST /v1/flows/import', file(graph)),
    };
    const ofValues: Readonly<Record<string, Operation>> = {
      run: (input) => intruder(`POST /v1/flows/${flowId}/runs`, { input }),
      repair: (input) => intruder(`POST /v1/runs/${parkedId}/repair`, { action: 'retryStep', path: 'send', input }),
      fork: (output) =>
        intruder(`POST /v1/runs/${endedId}/fork`, { from: 'send', outputs: { first: output }, accept: ['send'] }),
    };
    const graphs = documents().flatMap((document) => placementsIn(document, foreignId));
    const values = placementsIn(aValue, foreignId);
    const placed: Record<string, { tried: number; accepted: number }> = {};
    const tryAll = async (
      operations: Readonly<Record<string, Operation>>,
      placements: readonly Json[],
      times: number,
    ) => {
      const names = Object.keys(operations);
      for (let index = 0; index < times; index += 1) {
        // A stride that has no divisor with the lengths visits every sort of place early.
        const placement = placements[(index * 7) % placements.length] ?? null;
        const name = names[index % names.length] ?? '';
        const answer = await operations[name]?.(placement);
        if (!answer) throw new Error(`There is no operation ${name}.`);
        expect(answer.status, name).toBeLessThan(500);
        expect(answer.text).not.toMatch(/Their connection|their-own-host|their-secret/);
        const count = (placed[name] ??= { tried: 0, accepted: 0 });
        count.tried += 1;
        if (answer.status < 300) count.accepted += 1;
      }
    };
    await tryAll(ofFlows, graphs, 1_200);
    await tryAll(ofValues, values, 900);
    expect(Object.values(placed).reduce((sum, { tried }) => sum + tried, 0)).toBeGreaterThanOrEqual(2_000);
    // Not refused at the door alone, by any of the six.
    for (const name of ['save', 'publish', 'import', 'run', 'repair', 'fork']) {
      expect(placed[name]?.accepted, name).toBeGreaterThan(20);
    }
    const plans = await withOrg(api.db, mine.orgId, (tx) => tx.select().from(tables.plans));
    const used = plans.flatMap(({ plan }) =>
      Object.values(plan.steps).flatMap((step) => ('connectionId' in step ? [step.connectionId] : [])),
    );
    expect(used.length).toBeGreaterThan(20);
    // As data it may stand anywhere; what a step reaches out with is our own, or nothing.
    expect(used.filter((id) => id !== null && id !== ownId)).toEqual([]);
    expect(JSON.stringify(api.temporal.started)).not.toMatch(/their-own-host|their-secret/);
  }, 180_000);

  it('cannot be named by a draft that is published', async () => {
    const { id } = (await intruder('POST /v1/flows', { name: 'Named', graph: manualFlow(foreignId) })).body;
    const answer = await intruder(`POST /v1/flows/${id}/publish`);
    expect([answer.status, answer.body.errors[0].code]).toEqual([422, 'unknown_connection']);
  });

  it('is not in the export of a flow that names it, nor taken from an import', async () => {
    const { id } = (await intruder('POST /v1/flows', { name: 'Named too', graph: manualFlow(foreignId) })).body;
    const file = await intruder(`GET /v1/flows/${id}/export`);
    expect(file.text).not.toContain(foreignId);
    const imported = await intruder('POST /v1/flows/import', {
      ...file.body,
      graph: manualFlow(foreignId),
    });
    expect(imported.status).toBe(201);
    expect((await intruder(`GET /v1/flows/${imported.body.id}`)).text).not.toContain(foreignId);
  });

  it('is not there for whoever asks Postgres in the name of this org: the second wall', async () => {
    const rows = await withOrg(api.db, mine.orgId, (tx) =>
      tx.select().from(tables.connections).where(eq(tables.connections.id, foreignId)),
    );
    expect(rows).toEqual([]);
  });
});

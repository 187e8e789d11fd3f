import { compileFlow, flowGraphSchema, type Json } from '@everwave/schema/flow';
import { tables, withOrg } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aGraph, aNode, manualFlow, webhookFlow } from './testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from './testing/test-api.ts';

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
  api = await createTestApi({ limits: { callsPerMinute: 100_000 } });
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

type Place = readonly (string | number)[];

/** The path of every value in a JSON document, the document's own first. */
const placesIn = (value: Json, at: Place = []): readonly Place[] => {
  if (typeof value !== 'object' || value === null) return [at];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...members.flatMap(([key, member]) => placesIn(member as Json, [...at, key]))];
};

const withValue = (document: Json, place: Place, value: Json): Json => {
  const [key, ...rest] = place;
  if (key === undefined) return value;
  const copy = structuredClone(document) as Record<string | number, Json>;
  copy[key] = withValue(copy[key] ?? null, rest, value);
  return copy as Json;
};

const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (document: Json, place: Place): unknown =>
  place.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], document);

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

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  connectionSchema,
  flowSchema,
  type Run,
  startedRunSchema,
  variableListSchema,
  variableSchema,
} from '@everwave/schema/api';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { findCanaries } from '../scripts/testing/canary/find-canaries.ts';
import { useIdentitySecrets } from './identity-secrets.ts';
import { type OrderFlow, publishOrderFlow } from './order-flow.ts';
import { type OutsideWorld, startOutsideWorld } from './outside-world.ts';
import { type LiveProduct, startLiveProduct } from './product.ts';

// A secret and a value that nobody else uses, sent through the whole product. Afterwards we look for them everywhere.
const secret = 'canary-secret-7Qm4zLx9Rb2T';
const value = 'canary-value-W8kd3NpVf6Yh';
const variable = 'canary-variable-5Jc8RtYw2Hg6';

let world: OutsideWorld;
let product: LiveProduct;
let flow: OrderFlow;

beforeAll(async () => {
  world = await startOutsideWorld();
  product = await startLiveProduct(world.egressAllow);
  flow = await publishOrderFlow(product, world, '0s');
}, 300_000);

afterAll(async () => {
  await product?.stop();
  await world?.close();
}, 60_000);

type Canary = 'secret' | 'value' | 'variable';

const expectAbsent = (
  where: string,
  content: string,
  looked: readonly Canary[] = ['secret', 'value', 'variable'],
): void => {
  const canaries = Object.fromEntries(looked.map((name) => [name, { secret, value, variable }[name]]));
  expect(findCanaries(canaries, [{ where, content }])).toEqual([]);
};

const dumpDatabase = async (url: string): Promise<string> => {
  const sql = postgres(url, { max: 1 });
  try {
    const tables = await sql`select table_name as name from information_schema.tables where table_schema = 'public'`;
    const rows = await Promise.all(tables.map(({ name }) => sql`select t::text as row from ${sql(name as string)} t`));
    return rows
      .flat()
      .map(({ row }) => row as string)
      .join('\n');
  } finally {
    await sql.end();
  }
};

/** A run that sends a secret variable, is told it by the service, and then fails at an address that holds it. */
const readVariable = async (): Promise<Run> => {
  const set = { type: 'secret', value: variable };
  await product.call('PUT', '/v1/variables/CANARY_KEY', set, variableSchema);
  const node = (id: string, kind: string, input: object) => ({ id, kind, title: id, input, connectionId: null });
  const headers = { authorization: 'Bearer {{ env.CANARY_KEY }}' };
  const graph = {
    nodes: [
      node('start', 'trigger.manual', {}),
      node('echo', 'http.request', { method: 'GET', url: `${world.http.url}/echo`, headers }),
      node('fail', 'http.request', { method: 'GET', url: `${world.http.url}/status/400?key={{ env.CANARY_KEY }}` }),
    ],
    edges: [
      { id: 'a', from: 'start', to: 'echo' },
      { id: 'b', from: 'echo', to: 'fail' },
    ],
  };
  const { id } = await product.call('POST', '/v1/flows', { name: 'Reads a secret variable', graph }, flowSchema);
  await product.call('POST', `/v1/flows/${id}/publish`, {}, z.unknown());
  const { runId } = await product.call('POST', `/v1/flows/${id}/runs`, {}, startedRunSchema);
  const parked = await product.waitFor(runId, 'parked', ({ status }) => status === 'needs_attention');
  // It did arrive, and came back.
  expect(world.http.requests.map((request) => request.headers['authorization'])).toContain(`Bearer ${variable}`);
  expect(world.http.requests.map(({ query }) => query['key'])).toContain(variable);
  expect(JSON.stringify(parked.steps)).toContain('Bearer [secret]');
  return parked;
};

it('keeps a secret and a value out of both databases, logs, errors and exports, and finds a request in all logs', async () => {
  // The secret is wrong for the fake, so each kind of error path carries it past us.
  const broken = await product.call(
    'POST',
    '/v1/connections',
    { ...world.connections.slack, name: 'Canary', secret: { botToken: secret } },
    connectionSchema,
  );
  const connectionTest = await product.call('POST', `/v1/connections/${broken.id}/test`, {}, z.unknown());
  const { runId } = await flow.deliver('A-canary', { note: value });
  const run = await product.waitFor(runId, 'succeeded', ({ status }) => status === 'succeeded');
  world.mail.failNext({ at: 'rcpt', code: 550 });
  const failing = await flow.deliver('A-canary-2', { note: value });
  const parked = await product.waitFor(failing.runId, 'parked', ({ status }) => status === 'needs_attention');

  const reading = await readVariable();
  const identity = await useIdentitySecrets(product);
  expect(Object.keys(identity)).toHaveLength(18);
  expect(Object.values(identity).filter((each) => each.length < 10)).toEqual([]);

  // Not vacuous: the value did travel, and whoever may see it does.
  expect(JSON.stringify(run.trigger.data)).toContain(value);
  const dump = await dumpDatabase(product.databaseUrl);
  expect(dump).toContain(runId);
  expect(dump.length).toBeGreaterThan(10_000);

  expectAbsent('the database', dump);
  expectAbsent('an answer about a connection', JSON.stringify([broken, connectionTest]));
  expectAbsent('the error of a step', JSON.stringify(parked.steps.map(({ failure }) => failure)));
  expectAbsent('a run', JSON.stringify([run, parked, reading]), ['secret', 'variable']);
  const { items } = await product.call('GET', '/v1/variables', undefined, variableListSchema);
  expect(items).toMatchObject([{ name: 'CANARY_KEY', value: null, usedBy: [{ name: 'Reads a secret variable' }] }]);
  const exported = await product.call('GET', `/v1/flows/${flow.flowId}/export`, undefined, z.unknown());
  expectAbsent('an export', JSON.stringify(exported));
  const metrics = await fetch(`${product.apiUrl}/metrics`).then((response) => response.text());
  expectAbsent('the metrics', metrics);

  await product.stopProcesses();
  expectAbsent('what the supervisor printed', product.printed());
  const logs = readdirSync(join(product.dataFolder, 'logs'));
  expect(logs).toEqual(expect.arrayContaining(['api.log', 'worker.log']));
  for (const file of logs) {
    expectAbsent(`the log ${file}`, readFileSync(join(product.dataFolder, 'logs', file), 'latin1'));
  }
  const temporalFiles = readdirSync(product.dataFolder).filter((file) => file.startsWith('temporal.db'));
  // One id finds the request, the workflow and the activities in the logs (RUN-13).
  const logOf = (service: string) =>
    readFileSync(join(product.dataFolder, 'logs', `${service}.log`), 'utf8').split('\n');
  const requestId = run.requestId ?? 'missing';
  const messagesWith = (service: string) =>
    logOf(service).flatMap((line) =>
      line.includes(requestId) ? [(JSON.parse(line) as { message: string }).message] : [],
    );
  expect(messagesWith('api')).toContain('delivery committed');
  expect(messagesWith('worker')).toEqual(expect.arrayContaining(['run begins', 'attempt succeeded', 'run ends']));

  const history = temporalFiles.map((file) => readFileSync(join(product.dataFolder, file), 'latin1')).join('\n');
  expect(history).toContain(runId);
  expectAbsent("Temporal's database", history);
  // Of who somebody is, Temporal hears nothing.
  expect(findCanaries(identity, [{ where: "Temporal's database", content: history }])).toEqual([]);
});

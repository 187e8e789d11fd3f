import { createDatabase } from '@everwave/schema/db';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findCanaries } from '../../scripts/testing/canary/find-canaries.ts';
import { createApp } from './app.ts';
import { createAuth } from './auth/create-auth.ts';
import { manualFlow, webhookFlow } from './testing/graphs.ts';
import { readableCells } from './testing/readable-cells.ts';
import { type Answer, callWith, createTestApi, type TestApi } from './testing/test-api.ts';

const secret = 'canary-secret-51f0a7c3';
const value = 'canary-value-88d2e41b';
const password = 'canary-password-7c1d';
const variable = 'canary-variable-0b9e';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

it('no secret and no value leaves the sealed columns: not in answers, logs or any other cell of the database', async () => {
  const org = await api.createOrg();
  const owner = await org.as('owner');
  const answers: Answer[] = [];
  const keep = async (answer: Promise<Answer>): Promise<Answer> => {
    answers.push(await answer);
    return answer;
  };

  const connection = (change: object = {}) => ({
    name: 'Canary',
    kind: 'example.token',
    settings: { baseUrl: 'https://api.example.com' },
    secret: { token: secret },
    ...change,
  });
  const { id } = (await keep(owner('POST /v1/connections', connection()))).body;
  await keep(owner('POST /v1/connections', connection()));
  await keep(owner('POST /v1/connections', connection({ name: 'Wrong', secret: { tokn: secret } })));
  await keep(owner('POST /v1/connections', `{"secret":{"token":"${secret}"`));
  await keep(owner(`PATCH /v1/connections/${id}`, { secret: { token: `${secret}-2` } }));
  const setVariable = (type: string, given: unknown) =>
    keep(owner('PUT /v1/variables/CANARY_KEY', { type, value: given }));
  await setVariable('secret', variable);
  await setVariable('secret', { variable });
  await setVariable('number', variable);
  await setVariable('secret', `${variable}-2`);
  await keep(owner('PUT /v1/variables/CANARY_KEY', `{"value":"${variable}"`));
  api.temporal.down = true;
  await keep(owner(`POST /v1/connections/${id}/test`));
  api.temporal.down = false;
  const person = await org.addPerson('owner');
  await keep(callWith(api.app)('POST /auth/sign-in/email', { email: person.email, password }));
  await keep(callWith(api.app)('POST /v1/setup', { token: 'x', name: 'A', email: 'a@example.org', password }));

  const flow = (await keep(owner('POST /v1/flows', { name: 'Orders', graph: manualFlow(id) }))).body;
  await keep(owner(`POST /v1/flows/${flow.id}/publish`));
  await keep(owner(`GET /v1/flows/${flow.id}/export`));
  const hooked = (await keep(owner('POST /v1/flows', { name: 'Hook', graph: webhookFlow() }))).body;
  await keep(owner(`POST /v1/flows/${hooked.id}/publish`));
  const [{ url }] = (await owner(`GET /v1/flows/${hooked.id}`)).body.triggers;
  const token = url.split('/').at(-1) as string;
  const hook = new URL(url).pathname;
  await keep(
    callWith(api.app)(`POST ${hook}`, { note: value }, { authorization: `Bearer ${secret}`, cookie: `s=${secret}` }),
  );
  await keep(callWith(api.app)(`POST ${hook}`, `{"note":"${value}"`));
  await keep(owner(`POST /v1/flows/${flow.id}/runs`, { input: { note: value } }, { 'idempotency-key': 'canary-run' }));
  await api.dispatch();
  for (const path of [
    'connections',
    'variables',
    'flows',
    'runs',
    'deliveries',
    'dead-letters',
    'api-keys',
    'node-kinds',
  ]) {
    await keep(owner(`GET /v1/${path}`));
  }

  const cells = await readableCells(api.db);
  const shown = answers.map(({ text, headers }) => text + JSON.stringify([...headers])).join('\n');
  const log = api.logLines.join('\n');
  expect(cells.length).toBeGreaterThan(5_000);
  expect(log.length).toBeGreaterThan(1_000);
  const canaries = { secret, password, variable, value, token };
  // A run's reader may see its values, and who may read a flow its hook's address: `mayHold`.
  expect(
    findCanaries(canaries, [
      { where: 'an answer', content: shown, mayHold: ['value', 'token'] },
      { where: 'the log', content: log },
      { where: 'the database', content: cells },
    ]),
  ).toEqual([]);
});

it('a database that is away is a 503 that says nothing about it, for keys and sessions alike', async () => {
  const org = await api.createOrg();
  const { email, password: known } = await org.addPerson('owner');
  const session = await callWith(api.app)('POST /auth/sign-in/email', { email, password: known });
  const cookie = session.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const { key } = (await (await org.as('admin'))('POST /v1/api-keys', { name: 'K' })).body;
  const away = awayApp();
  for (const headers of [{ authorization: `Bearer ${key}` }, { cookie }] as Record<string, string>[]) {
    const answer = await callWith(away.app, headers)('GET /v1/me');
    expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
    expect(answer.text).not.toMatch(/127\.0\.0\.1:1|ECONNREFUSED|nobody/);
  }
  const signIn = await callWith(away.app)('POST /auth/sign-in/email', { email, password: known });
  expect([signIn.status, signIn.body.code]).toEqual([503, 'database_unavailable']);
  expect(api.logLines.filter((line) => line.includes('ECONNREFUSED')).join('\n')).not.toContain(email);
  await away.close();
});

const awayApp = () => {
  const db = createDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'away' });
  const { log, settings } = api.dependencies;
  const auth = createAuth({ db, webUrl: settings.webUrl, secret: api.dependencies.auth.options.secret, log });
  return { app: createApp({ ...api.dependencies, db, auth }), close: () => db.$client.end({ timeout: 0 }) };
};

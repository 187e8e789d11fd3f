import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webhookFlow } from './testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let admin: Call;
let flowId: string;
let hook: string;
beforeAll(async () => {
  api = await createTestApi({
    limits: { anonymousPerMinute: 100_000, callsPerMinute: 100_000, deliveriesPerSecond: 100_000 },
  });
  admin = await (await api.createOrg()).as('admin');
  flowId = (await admin('POST /v1/flows', { name: 'Orders', graph: webhookFlow() })).body.id;
  await admin(`POST /v1/flows/${flowId}/publish`);
  hook = new URL((await admin(`GET /v1/flows/${flowId}`)).body.triggers[0].url).pathname;
});
afterAll(() => api.close());

const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  '__proto__.polluted',
  '__proto__[polluted]',
  'constructor.prototype.polluted',
  'constructor[prototype][polluted]',
  '["__proto__"]["polluted"]',
];

/** What stands under the key; JSON text, because an object literal could not say all of it. */
const values = [
  '{"polluted":1}',
  '{"prototype":{"polluted":1}}',
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  '[{"__proto__":{"polluted":1}}]',
  '"polluted"',
];

type Request = readonly [operation: string, body: string | undefined, type?: string];

/** Every place of a request in which JSON, a form or a name can stand. `key` is written as JSON, quotes and all. */
const places: Readonly<Record<string, (key: string, value: string) => Request>> = {
  'the body': (key, value) => ['POST /v1/flows', `{"name":"a",${key}:${value}}`],
  'the body itself': (key, value) => ['POST /v1/flows', `{${key}:${value}}`],
  'the input of a node': (key, value) => [
    'POST /v1/flows',
    `{"name":"a","graph":{"nodes":[{"id":"a","kind":"trigger.manual","title":"A","input":{${key}:${value}}}],"edges":[]}}`,
  ],
  'the policy of a node': (key, value) => [
    'POST /v1/flows',
    `{"name":"a","graph":{"nodes":[{"id":"a","kind":"trigger.manual","title":"A","policy":{${key}:${value}}}],"edges":[]}}`,
  ],
  'the settings of a flow': (key, value) => [
    'POST /v1/flows',
    `{"name":"a","graph":{"nodes":[],"edges":[],"settings":{${key}:${value}}}}`,
  ],
  'an expression': (key) => [
    'POST /v1/flows/FLOW/validate',
    `{"graph":{"nodes":[{"id":"a","kind":"control.setVariables","title":"A","input":{"variables":{${key}:"{{ steps.${JSON.parse(key).replaceAll('"', '\\"')} }}"}}}],"edges":[]}}`,
  ],
  'the input of a run': (key, value) => ['POST /v1/flows/FLOW/runs', `{"input":{${key}:${value}}}`],
  'the settings of a connection': (key, value) => [
    'POST /v1/connections',
    `{"name":"a","kind":"example.token","settings":{"baseUrl":"https://x.example",${key}:${value}},"secret":{"token":"12345678"}}`,
  ],
  'a secret': (key, value) => [
    'POST /v1/connections',
    `{"name":"a","kind":"example.token","settings":{"baseUrl":"https://x.example"},"secret":{${key}:${value}}}`,
  ],
  'an imported file': (key, value) => [
    'POST /v1/flows/import',
    `{"format":"everwave.flow","formatVersion":1,"name":"a",${key}:${value},"graph":{"nodes":[],"edges":[],${key}:${value}}}`,
  ],
  'a payload': (key, value) => [
    'POST /codec/decode',
    `{"payloads":[{"metadata":{${key}:"eA=="},"data":"eA==",${key}:${value}}]}`,
  ],
  'a delivery': (key, value) => ['POST HOOK', `{${key}:${value},"deep":{"er":[{${key}:${value}}]}}`],
  'a field of a form': (key, value) => [
    'POST HOOK',
    `${encodeURIComponent(JSON.parse(key))}=${encodeURIComponent(value)}&a[__proto__][polluted]=1`,
    'application/x-www-form-urlencoded',
  ],
  'the query of a delivery': (key, value) => [
    `POST HOOK?${encodeURIComponent(JSON.parse(key))}=${encodeURIComponent(value)}&a[__proto__][polluted]=1`,
    '{}',
  ],
  'the query of a list': (key, value) => [
    `GET /v1/runs?${encodeURIComponent(JSON.parse(key))}=${encodeURIComponent(value)}`,
    undefined,
  ],
};

/** What every object inherits, before and after. */
const inherited = (): string =>
  JSON.stringify(
    [Object.prototype, Array.prototype, Function.prototype, String.prototype].map(Reflect.ownKeys),
    (_key, value) => (typeof value === 'symbol' ? String(value) : value),
  );

describe('keys that reach a prototype', () => {
  const clean = inherited();
  let tried = 0;

  it.each(Object.entries(places))('change nothing in %s, and break nothing', async (_place, toRequest) => {
    for (const key of keys) {
      for (const value of values) {
        const [operation, body, type = 'application/json'] = toRequest(JSON.stringify(key), value);
        const { status, text } = await admin(operation.replace('FLOW', flowId).replace('HOOK', hook), body, {
          'content-type': type,
        });
        tried += 1;
        expect([key, value, status, text.slice(0, 200)]).toEqual([
          key,
          value,
          expect.toSatisfy((code: number) => code < 500),
          expect.anything(),
        ]);
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      }
    }
    expect(inherited()).toBe(clean);
  });

  it('were tried in more than five hundred ways', () => {
    expect(tried).toBeGreaterThanOrEqual(500);
  });

  it('are kept as plain data where they are stored; __proto__ alone is left out', async () => {
    const sent = '{"constructor":{"prototype":{"polluted":1}},"toString":1,"__proto__":{"polluted":1},"key":"a"}';
    expect((await callWith(api.app)(`POST ${hook}`, sent)).status).toBe(202);
    const [delivery] = (await admin('GET /v1/deliveries?limit=1')).body.items;
    const { payload } = (await admin(`GET /v1/deliveries/${delivery.id}`)).body;
    expect(JSON.stringify(payload.body)).toBe('{"constructor":{"prototype":{"polluted":1}},"toString":1,"key":"a"}');
  });
});

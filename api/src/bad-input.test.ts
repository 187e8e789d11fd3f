import { problemSchema } from '@everwave/schema/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualFlow, webhookFlow } from './testing/graphs.ts';
import { type Answer, type Call, callWith, createTestApi, type TestApi, webUrl } from './testing/test-api.ts';

let api: TestApi;
let admin: Call;
let flowId: string;
beforeAll(async () => {
  api = await createTestApi({ limits: { anonymousPerMinute: 10_000 } });
  admin = await (await api.createOrg()).as('admin');
  flowId = (await admin('POST /v1/flows', { name: 'Orders', graph: webhookFlow() })).body.id;
});
afterAll(() => api.close());

const json = { 'content-type': 'application/json' };

/** The status and code of an answer, which must be a whole problem. */
const refusal = ({ status, body, headers }: Answer): [status: number, code: string, path: string | undefined] => {
  expect(headers.get('content-type')).toBe('application/problem+json');
  const { code, errors, requestId } = problemSchema.parse(body);
  expect(headers.get('x-request-id')).toBe(requestId);
  return [status, code, errors[0]?.path];
};

const cursor = (text: string): string => Buffer.from(text).toString('base64url');

describe('a request that cannot be meant', () => {
  it.each<[what: string, operation: string, body: string | undefined, type: string, status: number, code: string]>([
    ['broken JSON', 'POST /v1/flows', '{"name":', 'application/json', 400, 'malformed_json'],
    ['two documents', 'POST /v1/flows', '{"name":"a"} {}', 'application/json', 400, 'malformed_json'],
    ['a list for an object', 'POST /v1/flows', '[]', 'application/json', 400, 'invalid_request'],
    ['null for an object', 'POST /v1/flows', 'null', 'application/json', 400, 'invalid_request'],
    ['no body', 'POST /v1/flows', undefined, 'application/json', 400, 'invalid_request'],
    ['a missing field', 'POST /v1/flows', '{"description":""}', 'application/json', 400, 'invalid_request'],
    ['an unknown field', 'POST /v1/flows', '{"name":"a","orgId":"org_x"}', 'application/json', 400, 'invalid_request'],
    ['a prototype', 'POST /v1/flows', '{"name":"a","__proto__":{}}', 'application/json', 400, 'invalid_request'],
    ['text', 'POST /v1/flows', '{"name":"a"}', 'text/plain', 415, 'unsupported_media_type'],
    ['a form', 'POST /v1/flows', 'name=a', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['a NUL in a name', 'POST /v1/flows', String.raw`{"name":"a\u0000"}`, 'application/json', 400, 'invalid_request'],
    ['half a pair', 'POST /v1/flows', String.raw`{"name":"a\ud800"}`, 'application/json', 400, 'invalid_request'],
    ['a NUL in a key', 'POST /v1/flows', String.raw`{"a\u0000":1}`, 'application/json', 400, 'invalid_request'],
    [
      'endless nesting',
      'POST /v1/flows',
      `${'['.repeat(1e6)}${']'.repeat(1e6)}`,
      'application/json',
      400,
      'invalid_request',
    ],
    ['endless lists', 'POST /v1/flows', `[${'0,'.repeat(1.9e6)}0]`, 'application/json', 413, 'body_too_large'],
    ['too much', 'POST /v1/flows', `"${'x'.repeat(4 * 1024 * 1024)}"`, 'application/json', 413, 'body_too_large'],
  ])('%s → %i', async (_what, operation, body, type, status, code) => {
    const answer = await admin(operation, body, { 'content-type': type });
    expect(refusal(answer).slice(0, 2)).toEqual([status, code]);
  });

  it.each([
    ['GET /v1/flows?search=a%00b', 400, 'invalid_request'],
    ['GET /v1/runs?text=%00', 400, 'invalid_request'],
    ['GET /v1/connections?kind=a%00', 400, 'invalid_request'],
    ['GET /v1/dead-letters?fingerprint=%00', 400, 'invalid_request'],
    ['DELETE /v1/api-keys/a%00b', 400, 'invalid_request'],
    ['GET /v1/runs?from=0000-01-01T00:00:00Z', 400, 'invalid_request'],
    ['GET /v1/runs?to=0001-01-01T00:00:00%2B01:00', 400, 'invalid_request'],
    ['GET /v1/runs?limit=0', 400, 'invalid_request'],
    ['GET /v1/runs?limit=1e9', 400, 'invalid_request'],
    [`GET /v1/flows?cursor=${cursor("'; drop table flows")}`, 400, 'invalid_request'],
    [`GET /v1/flows/FLOW/versions?cursor=${cursor('flow_1')}`, 400, 'invalid_request'],
    ['GET /v1/flows/FLOW/versions/0', 400, 'invalid_request'],
    ['GET /v1/flows/FLOW/versions/9999999999', 400, 'invalid_request'],
    ['GET /v1/flows/%E0%A4%A', 400, 'invalid_request'],
    ['GET /v1/flows/FLOW%2F..%2F..%2Fruns', 400, 'invalid_request'],
    ['GET /v1/flow', 404, 'not_found'],
    ['GET /V1/flows', 404, 'not_found'],
    ['GET /v1/flows/', 404, 'not_found'],
    ['PATCH /v1/runs', 405, 'method_not_allowed'],
    ['DELETE /healthz', 405, 'method_not_allowed'],
  ])('%s → %i %s', async (operation, status, code) => {
    expect(refusal(await admin(operation.replace('FLOW', flowId))).slice(0, 2)).toEqual([status, code]);
  });

  it('is told which methods a path knows', async () => {
    const { headers } = await admin(`PUT /v1/flows/${flowId}`, {});
    expect(headers.get('allow')?.split(', ').toSorted()).toEqual(['GET', 'PATCH']);
  });

  it('in bytes that are no UTF-8 → 400', async () => {
    const { key } = (await admin('POST /v1/api-keys', { name: 'Raw', role: 'developer' })).body;
    const response = await api.app.request('/v1/flows', {
      method: 'POST',
      headers: { ...json, 'x-api-key': key },
      body: Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    });
    const answer = problemSchema.parse(await response.json());
    expect([response.status, answer.code]).toEqual([400, 'malformed_json']);
  });

  it('with a hundred thousand faults gets a short answer', async () => {
    const body = `{${Array.from({ length: 100_000 }, (_, index) => `"k${index}":0`).join(',')}}`;
    const answer = await admin('POST /v1/flows', body);
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toBe('Correct name, k0, k1, k2, k3, and 99996 more.');
    expect(answer.body.errors).toHaveLength(100);
    expect(answer.text.length).toBeLessThan(20_000);
  });
});

describe('a request that says more than it must', () => {
  it.each(['GET /v1/me', 'GET /v1/flows', 'GET /healthz', 'GET /v1/flows/FLOW'])(
    '%s may name a JSON body and have none',
    async (operation) => {
      expect((await admin(operation.replace('FLOW', flowId), undefined, json)).status).toBe(200);
    },
  );

  it('may leave out a body that may be left out, whatever its type', async () => {
    expect((await admin(`POST /v1/flows/${flowId}/publish`, undefined, json)).status).toBe(201);
    expect((await admin(`POST /v1/flows/${flowId}/runs`, undefined, json)).status).toBe(202);
    const { id } = (await admin('POST /v1/api-keys', { name: 'Short' })).body;
    expect((await admin(`DELETE /v1/api-keys/${id}`, undefined, json)).status).toBe(204);
  });

  it('may come from a cursor of any size', async () => {
    const answer = await admin(`GET /v1/flows/${flowId}/versions?cursor=${cursor('999999999999999')}`);
    expect(answer.status).toBe(200);
  });
});

describe('a flow that cannot be meant', () => {
  const trigger = { id: 'start', kind: 'trigger.manual', title: 'Start' };
  const read = (id: string, input: unknown = { key: 'a' }) => ({ id, kind: 'example.read', title: id, input });
  const edge = (from: string, to: string) => ({ id: `${from}-${to}`, from, to });
  const publish = async (graph: unknown): Promise<Answer> => {
    const { id } = (await admin('POST /v1/flows', { name: 'Wrong', graph })).body;
    return admin(`POST /v1/flows/${id}/publish`);
  };

  it.each([
    ['an unknown kind', [trigger, { ...read('a'), kind: 'example.gone' }], [edge('start', 'a')], 'unknown_kind'],
    ['an unknown version', [trigger, { ...read('a'), version: 9 }], [edge('start', 'a')], 'unknown_version'],
    ['a cycle', [trigger, read('a'), read('b')], [edge('start', 'a'), edge('a', 'b'), edge('b', 'a')], 'cycle'],
    ['a missing field', [trigger, read('a', {})], [edge('start', 'a')], 'missing_field'],
    [
      'an expression that does not parse',
      [trigger, read('a', { key: '{{ steps. }}' })],
      [edge('start', 'a')],
      'bad_expression',
    ],
  ])('%s → 422 with its place', async (_what, nodes, edges, code) => {
    const answer = await publish({ nodes, edges });
    expect([answer.status, answer.body.code]).toEqual([422, 'flow_invalid']);
    expect(answer.body.errors).toContainEqual(expect.objectContaining({ code, severity: 'error' }));
    const found = answer.body.errors.find((error: { code: string }) => error.code === code);
    expect(found.path).toMatch(/^graph\./);
  });

  it('without a connection → 422 with its place', async () => {
    const answer = await publish(manualFlow(null));
    expect([answer.status, answer.body.errors[0].nodeId]).toEqual([422, 'send']);
  });
});

describe('signing in', () => {
  const anonymous = (): Call => callWith(api.app);
  const credentials = { email: 'ada@example.org', password: 'twelve chars or more' };

  it.each<[what: string, body: unknown, headers: Record<string, string>, status: number, code: string]>([
    ['wrong credentials', credentials, { origin: webUrl }, 401, 'sign_in_refused'],
    ['without an origin', credentials, {}, 401, 'sign_in_refused'],
    ['from another site', credentials, { origin: 'https://evil.example' }, 403, 'origin_refused'],
    [
      'as a form, which any page can send',
      'email=ada%40example.org&password=twelve',
      { 'content-type': 'application/x-www-form-urlencoded', origin: webUrl },
      415,
      'unsupported_media_type',
    ],
    ['as text', JSON.stringify(credentials), { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['broken JSON', '{"email":', { origin: webUrl }, 400, 'malformed_json'],
    ['a prototype', '{"email":"a@b.example","__proto__":{}}', { origin: webUrl }, 400, 'invalid_request'],
    ['objects for texts', { email: { $ne: '' }, password: [] }, { origin: webUrl }, 400, 'invalid_request'],
    ['too much', { ...credentials, password: 'x'.repeat(20_000) }, { origin: webUrl }, 413, 'body_too_large'],
  ])('%s → %o', async (_what, body, headers, status, code) => {
    expect(refusal(await anonymous()('POST /auth/sign-in/email', body, headers)).slice(0, 2)).toEqual([status, code]);
  });

  it('takes no cookie for a key because the browser added a password of its own', async () => {
    const org = await api.createOrg();
    const { email, password } = await org.addPerson('owner');
    const answer = await anonymous()('POST /auth/sign-in/email', { email, password }, { origin: webUrl });
    const cookie = answer.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
    const forged = await anonymous()(
      'POST /v1/flows',
      { name: 'Forged' },
      { cookie, origin: 'https://evil.example', authorization: 'Basic YTpi' },
    );
    expect([forged.status, forged.body.code]).toEqual([403, 'origin_refused']);
  });

  it('gives a new session, whatever cookie came with it', async () => {
    const { email, password } = await (await api.createOrg()).addPerson('owner');
    const planted = 'everwave.session_token=planted.by%20an%20attacker';
    const first = await anonymous()(
      'POST /auth/sign-in/email',
      { email, password },
      { origin: webUrl, cookie: planted },
    );
    const [cookie = ''] = first.headers.getSetCookie();
    expect(first.status).toBe(200);
    expect(cookie).not.toContain('planted');
    const again = await anonymous()(
      'POST /auth/sign-in/email',
      { email, password },
      {
        origin: webUrl,
        cookie: cookie.split(';')[0] ?? '',
      },
    );
    expect(again.headers.getSetCookie()[0]?.split(';')[0]).not.toBe(cookie.split(';')[0]);
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example'])('sends nobody to %s', async (callbackURL) => {
    const { email, password } = await (await api.createOrg()).addPerson('owner');
    const body = { email, password, callbackURL };
    const answer = await anonymous()('POST /auth/sign-in/email', body, { origin: webUrl });
    expect(refusal(answer)).toEqual([400, 'invalid_request', 'callbackURL']);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.headers.get('set-cookie')).toBeNull();
  });
});

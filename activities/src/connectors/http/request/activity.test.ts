import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { createNodeHarness, type NodeHarness } from '../../../testing/run-node.ts';
import { fakeToken, startHttpFake, type HttpFake } from '../fake.ts';
import { testHttpAuthentication } from '../test-credential.ts';
import { request } from './activity.ts';

provesEveryFailure(request);

describe('http.request', () => {
  let fake: HttpFake;
  let node: NodeHarness;

  beforeAll(async () => {
    fake = await startHttpFake();
  });
  beforeEach(() => {
    node = createNodeHarness(request, { allow: [`127.0.0.1:${fake.port}`] });
    fake.reset();
    return () => node.close();
  });
  afterAll(() => fake.close());

  const output = async (input: Parameters<NodeHarness['run']>[0]) => {
    const ending = await node.run(input);
    if (!ending.ok) throw ending.error;
    return ending.output as {
      status: number;
      headers: Record<string, string>;
      body: unknown;
      possiblyRepeated: boolean;
    };
  };
  const bearer = (settings: Record<string, string> = {}, value = fakeToken) =>
    node.connect({ kind: 'http.authentication', settings: { baseUrl: fake.url, ...settings }, secret: { value } });

  it('reads the demo’s customer as JSON', async () => {
    const { status, body, headers } = await output({ url: `${fake.url}/customers/c_7` });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(body).toMatchObject({ id: 'c_7', name: 'Ada Lovelace', email: 'ada.lovelace@example.com', tier: 'gold' });
    expect(node.effect()).toBeUndefined();
  });

  it('sends method, query, headers and a JSON body', async () => {
    const { body } = await output({
      method: 'PUT',
      url: `${fake.url}/echo?a=1`,
      query: { b: [2, 3], c: 'ä &' },
      headers: { 'X-Trace': 'abc' },
      body: { total: 129.9 },
    });
    expect(body).toMatchObject({
      method: 'PUT',
      path: '/echo',
      query: { a: '1', b: '2', c: 'ä &' },
      headers: { 'x-trace': 'abc', 'content-type': 'application/json' },
      body: '{"total":129.9}',
    });
  });

  it('sends text and forms', async () => {
    const text = await output({ method: 'PUT', url: `${fake.url}/echo`, bodyType: 'text', body: 'plain' });
    expect(text.body).toMatchObject({ body: 'plain', headers: { 'content-type': 'text/plain; charset=utf-8' } });
    const form = await output({
      method: 'PUT',
      url: `${fake.url}/echo`,
      bodyType: 'form',
      body: { a: ['1', '2'], b: true },
    });
    expect(form.body).toMatchObject({
      body: 'a=1&a=2&b=true',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  });

  it('reads text, no body and a redirect as they are', async () => {
    expect(await output({ url: `${fake.url}/text` })).toMatchObject({ body: 'plain words' });
    expect(await output({ url: `${fake.url}/status/204` })).toMatchObject({ status: 204, body: null });
    expect(await output({ url: `${fake.url}/customers/c_7`, method: 'HEAD' })).toMatchObject({ body: null });
    expect(await output({ url: `${fake.url}/redirect`, query: { to: '/text' } })).toMatchObject({ status: 302 });
    expect(await output({ url: `${fake.url}/redirect`, query: { to: '/text' }, followRedirects: true })).toMatchObject({
      status: 200,
      body: 'plain words',
    });
  });

  describe('failures', () => {
    it.each([
      [400, 'bad_request', false],
      [401, 'unauthorized', false],
      [403, 'forbidden', false],
      [404, 'not_found', false],
      [408, 'request_timeout', true],
      [409, 'conflict', false],
      [418, 'client_error', false],
      [422, 'unprocessable', false],
      [500, 'server_error', true],
      [502, 'server_error', true],
      [503, 'server_error', true],
    ] as const)('answers %i with %s', async (status, type, retryable) => {
      expect(await node.run({ url: `${fake.url}/status/${status}` })).toMatchObject({
        ok: false,
        type,
        retryable,
        message: `GET ${fake.url}/status/${status} answered ${status}: This is status ${status}.`,
        details: { name: type, attempt: 1, advice: expect.stringMatching(/\.$/) as string },
      });
      expect(fake.requests).toHaveLength(1);
    });

    it('waits as long as a failing service asks', async () => {
      expect(await node.run({ url: `${fake.url}/status/503?retryAfter=7` })).toMatchObject({ nextRetryDelay: 7000 });
    });

    it('gives the slot back when asked to wait long', async () => {
      const before = Date.now();
      const ending = await node.run({ url: `${fake.url}/status/429?retryAfter=30` });
      expect(ending).toMatchObject({ ok: false, type: 'Deferred', retryable: false });
      if (ending.ok) throw new Error('unreachable');
      expect(ending.details.until).toBeGreaterThanOrEqual(before + 30_000);
      expect(ending.details.reason).toBe(`127.0.0.1:${fake.port} asked us to wait 30 s (429).`);
      expect(fake.requests).toHaveLength(1);
    });

    it('waits itself when asked to wait a second', async () => {
      fake.faults.add({ path: '/customers', status: 429, headers: { 'retry-after': '1' } });
      const before = performance.now();
      expect(await output({ url: `${fake.url}/customers/c_7` })).toMatchObject({ status: 200 });
      expect(performance.now() - before).toBeGreaterThan(950);
    });

    it('does not wait a second time beyond two seconds', async () => {
      fake.faults.add({ path: '/customers', status: 429, headers: { 'retry-after': '1.5' }, times: 5 });
      expect(await node.run({ url: `${fake.url}/customers/c_7` })).toMatchObject({ type: 'Deferred' });
      expect(fake.requests).toHaveLength(2);
    });

    it('says that nobody listens', async () => {
      const gone = await startHttpFake();
      await gone.close();
      const lonely = createNodeHarness(request, { allow: [`127.0.0.1:${gone.port}`] });
      expect(await lonely.run({ url: gone.url })).toMatchObject({
        type: 'unreachable',
        retryable: true,
        message: `No connection to 127.0.0.1:${gone.port} (ECONNREFUSED).`,
      });
      await lonely.close();
    });

    it.each(['reset', 'hang'] as const)('retries a GET whose connection is lost (%s)', async (how) => {
      fake.faults.add({ path: '/customers', how });
      expect(await node.run({ url: `${fake.url}/customers/c_7`, timeoutSeconds: 1 })).toMatchObject({
        type: 'connection_lost',
        retryable: true,
        details: { name: 'connection_lost' },
      });
    });

    it.each([
      ['http://169.254.169.254/latest/meta-data/', 'address_refused'],
      ['http://localhost:1/', 'address_refused'],
      ['file:///etc/passwd', 'invalid_url'],
      ['/customers/c_7', 'invalid_url'],
    ])('refuses %s', async (url, type) => {
      expect(await node.run({ url })).toMatchObject({ ok: false, type, retryable: false });
    });

    it.each([
      [{ url: '' }, 'url: '],
      [{ url: 'https://a.example', method: 'BREW' }, 'method: '],
      [{ url: 'https://a.example', headers: { Host: 'b.example' } }, 'headers.Host: '],
      [{ url: 'https://a.example', headers: { a: 'x\r\nb: y' } }, 'headers.a: A header value is one line.'],
      [{ url: 'https://a.example', timeoutSeconds: 0 }, 'timeoutSeconds: '],
      [{ url: 'https://a.example', uri: 'https://b.example' }, 'Unrecognized key: "uri"'],
    ])('names the field of a bad input: %j', async (input, message) => {
      const ending = await node.run(input);
      expect(ending).toMatchObject({ type: 'invalid_input', retryable: false });
      expect(ending.ok ? '' : ending.message).toContain(message);
    });

    it.each([
      [{ method: 'GET', body: { a: 1 } }, 'GET carries no body.'],
      [{ method: 'PUT', bodyType: 'text', body: { a: 1 } }, 'A text body is a string.'],
      [{ method: 'PUT', bodyType: 'form', body: { a: { b: 1 } } }, 'A form body is an object of strings.'],
      [{ method: 'PUT', bodyType: 'form', body: 'a=1' }, 'A form body is an object of strings.'],
    ])('refuses a body that does not fit: %j', async (input, message) => {
      expect(await node.run({ url: `${fake.url}/echo`, ...input })).toMatchObject({ type: 'invalid_body', message });
    });

    it('says when JSON was asked for and something else came', async () => {
      expect(await node.run({ url: `${fake.url}/text`, responseType: 'json' })).toMatchObject({
        type: 'not_json',
        retryable: false,
      });
    });

    it('takes an answer of up to 64 MiB', async () => {
      const ending = await node.run({ url: `${fake.url}/bytes/${6 * 1024 * 1024}` });
      expect(ending.ok && (ending.output as { body: string }).body.length).toBe(6 * 1024 * 1024);
      expect(await node.run({ url: `${fake.url}/bytes/${64 * 1024 * 1024 + 1}` })).toMatchObject({
        type: 'value_too_large',
        retryable: false,
        message: expect.stringContaining('more than 67108864 bytes'),
      });
    });
  });

  describe('with a connection', () => {
    it.each([
      [{ scheme: 'bearer' }, 'authorization', `Bearer ${fakeToken}`],
      [{ scheme: 'basic', username: 'ada' }, 'authorization', `Basic ${btoa(`ada:${fakeToken}`)}`],
      [{ scheme: 'header', headerName: 'X-Key' }, 'x-key', fakeToken],
    ])('sends its secret as %j', async (settings, header, value) => {
      bearer(settings);
      await output({ url: 'echo', headers: { Authorization: 'mine' } });
      expect(fake.requests[0]?.headers[header]).toBe(value);
    });

    it('reads a path below the base URL', async () => {
      bearer({ baseUrl: `${fake.url}/customers/` });
      expect(await output({ url: '/c_7' })).toMatchObject({ body: { id: 'c_7' } });
    });

    it.each([
      'https://evil.example/',
      'http://127.0.0.1:1/',
      '//evil.example/x',
      '\\\\evil.example\\x',
      'http:evil.example',
    ])('never sends the secret to %s', async (url) => {
      bearer();
      const ending = await node.run({ url });
      if (ending.ok) expect(fake.requests.at(-1)?.path).toMatch(/evil\.example/);
      else expect(['other_host', 'not_found', 'invalid_url']).toContain(ending.type);
      expect(fake.requests.every(({ headers }) => headers['host'] === `127.0.0.1:${fake.port}`)).toBe(true);
    });

    it('keeps the secret out of a redirect to another host', async () => {
      const other = await startHttpFake();
      const both = createNodeHarness(request, { allow: [`127.0.0.1:${fake.port}`, `127.0.0.1:${other.port}`] });
      both.connect({
        kind: 'http.authentication',
        settings: { baseUrl: fake.url, scheme: 'header', headerName: 'X-Key' },
        secret: { value: fakeToken },
      });
      await both.run({ url: '/redirect', query: { to: `${other.url}/echo` }, followRedirects: true });
      expect(other.requests).toHaveLength(1);
      expect(JSON.stringify(other.requests)).not.toContain(fakeToken);
      await Promise.all([both.close(), other.close()]);
    });

    it('removes a secret that the service echoes, from output and from errors', async () => {
      bearer();
      const echoed = await output({ url: '/echo' });
      expect(echoed.body).toMatchObject({ headers: { authorization: 'Bearer [secret]' } });
      fake.faults.add({
        status: 400,
        body: JSON.stringify({ message: `${'x'.repeat(1990)} token ${fakeToken} is bad` }),
      });
      const ending = await node.run({ url: '/me' });
      expect(ending).toMatchObject({ type: 'bad_request' });
      expect(JSON.stringify([ending, ending.ok ? '' : ending.error.stack])).not.toContain(fakeToken.slice(0, 8));
    });

    it.each([
      [{}, fakeToken, true, 'answered 200.'],
      [{}, 'wrong', false, 'refused the secret (401).'],
      [{ testPath: '/status/500' }, fakeToken, false, 'answered 500.'],
    ])('is tested by a harmless request (%j)', async (settings, value, ok, message) => {
      const connection = {
        settings: {
          baseUrl: fake.url,
          scheme: 'bearer' as const,
          headerName: 'X-API-Key',
          testPath: '/me',
          ...settings,
        },
        secret: { value },
      };
      const probe = { fetch: node.egress.fetch, egress: node.egress, signal: AbortSignal.timeout(5000) };
      const verdict = await testHttpAuthentication.test(probe, connection);
      expect(verdict).toMatchObject({ ok, message: `127.0.0.1:${fake.port} ${message}` });
    });
  });

  describe('a POST', () => {
    const post = (duplicates: string, query = {}) => ({
      method: 'POST',
      url: `${fake.url}/items`,
      query,
      body: { sku: 'A' },
      duplicates,
      timeoutSeconds: 1,
    });
    /** The service acts, and its answer never arrives. */
    const loseAnswer = (how: 'reset' | 'hang' | 'answer') => fake.faults.add({ path: '/items', when: 'after', how });

    it.each(['reset', 'hang', 'answer'] as const)('is not sent again when it may have arrived (%s)', async (how) => {
      loseAnswer(how);
      expect(await node.run(post('at-most-once'))).toMatchObject({
        type: 'effect_unsure',
        retryable: false,
        details: { unsure: true },
      });
      expect(await node.run(post('at-most-once'), { attempt: 2 })).toMatchObject({ type: 'effect_unsure' });
      expect(fake.items).toHaveLength(1);
    });

    it.each(['reset', 'hang', 'answer'] as const)('is repeated under its key (%s)', async (how) => {
      loseAnswer(how);
      expect(await node.run(post('key', { honours: 'key' }))).toMatchObject({
        retryable: true,
        details: { unsure: true },
      });
      expect(await node.run(post('key', { honours: 'key' }), { attempt: 2 })).toMatchObject({
        ok: true,
        output: { body: { id: 'item_1' } },
      });
      expect(fake.items).toHaveLength(1);
      expect(new Set(fake.requests.map(({ headers }) => headers['idempotency-key']))).toHaveProperty('size', 1);
    });

    it('is repeated and labelled when a double is accepted', async () => {
      loseAnswer('reset');
      expect(await node.run(post('at-least-once'))).toMatchObject({ retryable: true });
      expect(await node.run(post('at-least-once'), { attempt: 2 })).toMatchObject({
        ok: true,
        output: { possiblyRepeated: true },
      });
      expect(fake.items).toHaveLength(2);
    });

    it('is free to be sent again after a refusal', async () => {
      fake.faults.add({ path: '/items', status: 429, headers: { 'retry-after': '60' } });
      fake.faults.add({ path: '/items', status: 422 });
      expect(await node.run(post('at-most-once'))).toMatchObject({ type: 'Deferred' });
      expect(node.effect()).toMatchObject({ state: 'intent' });
      expect(await node.run(post('at-most-once'))).toMatchObject({ type: 'unprocessable' });
      expect(node.effect()).toMatchObject({ state: 'failed' });
      expect(await node.run(post('at-most-once'), { request: { ordinal: 2 } })).toMatchObject({ ok: true });
      expect(fake.items).toHaveLength(1);
    });

    it('is sent once when its result is already known', async () => {
      await node.run(post('at-most-once'));
      expect(await node.run(post('at-most-once'), { attempt: 2 })).toMatchObject({ ok: true, output: { status: 201 } });
      expect(fake.items).toHaveLength(1);
    });
  });
});

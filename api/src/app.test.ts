import { problemSchema, rolePermissions } from '@everwave/schema/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { operations } from './routes/operations.ts';
import { callWith, createTestApi, metricsToken, type TestApi, webUrl } from './testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const guardedRoutes = () =>
  operations.map(({ route }) => ({
    operation: `${route.method.toUpperCase()} ${route.path.replaceAll(/\{.+?\}/g, 'x')}`,
    permission: route['x-permission'],
  }));

describe('every route', () => {
  it('declares a permission, or why it is public', () => {
    for (const { route } of operations) {
      expect(route['x-permission'], route.operationId).toBeTruthy();
      if (route['x-permission'] === 'public') expect(route['x-public-because'], route.operationId).toBeTruthy();
    }
    const open = operations.filter(({ route }) => route['x-permission'] === 'public').map(({ route }) => route.path);
    expect(open.toSorted()).toEqual([
      '/healthz',
      '/readyz',
      '/v1/email-verifications/complete',
      '/v1/invitations/join',
      '/v1/invitations/open',
      '/v1/password-resets',
      '/v1/password-resets/complete',
      '/v1/setup',
      '/v1/setup',
      '/v1/sign-in/second-factor',
      '/v1/sign-up',
      '/v1/sign-up',
      '/v1/tokens',
      '/v1/tokens/renew',
      '/v1/tokens/revoke',
      '/v1/unsubscribe',
    ]);
  });

  it('refuses whoever is not signed in, before it looks at anything else', async () => {
    const anonymous = callWith(api.app);
    for (const { operation, permission } of guardedRoutes()) {
      if (permission === 'public') continue;
      const answer = await anonymous(operation);
      expect([operation, answer.status, answer.body.code]).toEqual([operation, 401, 'not_signed_in']);
    }
  });

  it('refuses a role that lacks its permission', async () => {
    const viewer = await (await api.createOrg()).as('viewer');
    const allowed: readonly string[] = [...rolePermissions.viewer, 'public', 'known'];
    for (const { operation, permission } of guardedRoutes()) {
      if (allowed.includes(permission)) continue;
      const answer = await viewer(operation);
      expect([operation, answer.status, answer.body.code]).toEqual([operation, 403, 'not_allowed']);
    }
  });

  it('carries the security headers and a request id, errors included', async () => {
    const anonymous = callWith(api.app);
    const others = [
      'GET /docs',
      'GET /metrics',
      'GET /openapi.json',
      'GET /nowhere',
      'POST /hooks/short',
      'GET /auth/x',
    ];
    for (const operation of [...guardedRoutes().map((route) => route.operation), ...others]) {
      const { headers } = await anonymous(operation);
      expect(headers.get('x-request-id'), operation).toBeTruthy();
      expect(headers.get('x-content-type-options'), operation).toBe('nosniff');
      expect(headers.get('x-frame-options'), operation).toBe('DENY');
      expect(headers.get('content-security-policy'), operation).toContain("default-src 'none'");
      expect(headers.get('referrer-policy'), operation).toBe('no-referrer');
      expect(headers.get('strict-transport-security'), operation).toContain('max-age=31536000');
      expect(headers.get('cross-origin-opener-policy'), operation).toBe('same-origin');
    }
  });
});

describe('an error answer', () => {
  it('is a problem with code, place and request id', async () => {
    const viewer = await (await api.createOrg()).as('viewer');
    const answer = await viewer('GET /v1/runs/not-an-id', undefined, { 'x-request-id': 'test-request-1' });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(problemSchema.parse(answer.body)).toEqual({
      type: 'urn:everwave:problem:invalid_request',
      title: 'The request does not have the expected shape',
      status: 400,
      detail: 'Correct runId.',
      code: 'invalid_request',
      errors: [{ path: 'runId', message: 'Not an id of the form run_ followed by 32 hexadecimal digits.' }],
      requestId: 'test-request-1',
    });
    expect(answer.headers.get('x-request-id')).toBe('test-request-1');
  });

  it('replaces a request id that could forge a log line', async () => {
    const { headers } = await callWith(api.app)('GET /healthz', undefined, { 'x-request-id': 'a"} {"level":60' });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says 404 for what is not there', async () => {
    const answer = await callWith(api.app)('GET /nowhere');
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });
});

describe('other origins', () => {
  it.each([
    'https://evil.example',
    'null',
    `${webUrl}.evil.example`,
    'http://127.0.0.1:3001',
    'http://localhost:3000',
    'https://127.0.0.1:3000',
    'http://127.0.0.1:8233',
  ])('%s gets no answer it may read', async (origin) => {
    const { headers } = await callWith(api.app)('GET /v1/me', undefined, { origin });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('lets the web app in, and the Temporal UI to the codec alone', async () => {
    const call = callWith(api.app);
    const web = await call('GET /v1/me', undefined, { origin: webUrl });
    expect(web.headers.get('access-control-allow-origin')).toBe(webUrl);
    expect(web.headers.get('access-control-allow-credentials')).toBe('true');
    const preflight = await call('OPTIONS /codec/decode', undefined, {
      origin: 'http://127.0.0.1:8233',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-namespace',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:8233');
  });
});

describe('health', () => {
  it('is ready when Postgres and Temporal answer, and names the one that does not', async () => {
    const call = callWith(api.app);
    expect((await call('GET /healthz')).body).toEqual({ status: 'ok', version: '0.0.0-test' });
    const ready = await call('GET /readyz');
    expect([ready.status, ready.body.status]).toEqual([200, 'ready']);
    api.temporal.down = true;
    const notReady = await callWith(createApp(api.dependencies))('GET /readyz');
    api.temporal.down = false;
    expect([notReady.status, notReady.body.status]).toEqual([503, 'not_ready']);
    expect(notReady.body.checks).toMatchObject({
      postgres: { ok: true },
      temporal: { ok: false, message: 'Temporal does not answer.' },
    });
  });

  it('costs one look at each dependency, however often anybody asks', async () => {
    const looks = { postgres: 0, temporal: 0 };
    const db = new Proxy(api.db, {
      get: (target, name) => {
        if (name === 'execute') looks.postgres += 1;
        return Reflect.get(target, name);
      },
    });
    const temporal = { ...api.temporal, check: async () => void (looks.temporal += 1) };
    const call = callWith(createApp({ ...api.dependencies, db, temporal }));
    const answers = await Promise.all(Array.from({ length: 200 }, () => call('GET /readyz')));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await Promise.all(Array.from({ length: 200 }, () => call('GET /healthz')));
    expect(looks).toEqual({ postgres: 1, temporal: 1 });
  });

  it('shows metrics by route pattern, never by path', async () => {
    const call = callWith(api.app);
    await call('POST /hooks/AAAAAAAAAAAAAAAAAAAAAA', {});
    const { text } = await call('GET /metrics', undefined, { authorization: `Bearer ${metricsToken}` });
    expect(text).toContain(
      'everwave_http_request_duration_seconds_count{method="POST",route="/hooks/:token",status="404"}',
    );
    expect(text).toContain('everwave_inbox_lag_seconds 0');
    expect(text).not.toContain('AAAAAAAAAAAAAAAAAAAAAA');
  });
});

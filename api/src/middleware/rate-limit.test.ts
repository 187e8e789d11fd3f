import { trustedProxiesSchema } from '@everwave/schema/network';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { type Call, createTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

/** Asks as a program at this address would, through the app's own socket bindings. */
const caller = (trusted?: string) => {
  const { settings } = api.dependencies;
  const limits = { ...settings.limits, anonymousPerMinute: 2 };
  const trustedProxies = trustedProxiesSchema.parse(trusted);
  const app = createApp({ ...api.dependencies, settings: { ...settings, limits, trustedProxies } });
  return async (peer: string, forwardedFor?: string): Promise<number> => {
    const headers: Record<string, string> = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
    const bindings = { incoming: { socket: { remoteAddress: peer } } };
    return (await app.request('/v1/setup', { headers }, bindings)).status;
  };
};

const web = '127.0.0.1';

describe('whoever is not signed in', () => {
  it('has a budget of their own behind the web server', async () => {
    const ask = caller();
    const statuses = [];
    for (const person of ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2']) statuses.push(await ask(web, person));
    expect(statuses).toEqual([200, 200, 429, 200]);
  });

  it('gets no other budget by a header of their own', async () => {
    const ask = caller();
    const statuses = [];
    for (const claim of ['192.0.2.1', '192.0.2.2', '127.0.0.1', undefined])
      statuses.push(await ask('203.0.113.9', claim));
    expect(statuses).toEqual([200, 200, 429, 429]);
  });

  it('gets no other budget by what they claim in front of a proxy that adds whom it saw', async () => {
    const ask = caller();
    const statuses = [];
    for (const claim of ['192.0.2.1, ', '192.0.2.2, 127.0.0.1, ', '']) {
      statuses.push(await ask(web, `${claim}203.0.113.9`));
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('takes no budget from the person they claim to be', async () => {
    const ask = caller();
    for (let count = 0; count < 5; count += 1) await ask('203.0.113.9', '192.0.2.1');
    expect(await ask(web, '192.0.2.1')).toBe(200);
  });

  it('shares the budget of the peer when no proxy is trusted', async () => {
    const ask = caller('none');
    const statuses = [];
    for (const person of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) statuses.push(await ask(web, person));
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('callers of one org', () => {
  it('have a budget each and one together, and are told when to come back', async () => {
    const { settings } = api.dependencies;
    const limits = { ...settings.limits, callsPerMinute: 3, orgCallsPerMinute: 5 };
    const app = createApp({ ...api.dependencies, settings: { ...settings, limits } });
    const [org, other] = [await api.createOrg(), await api.createOrg()];
    const statusesOf = async (call: Call, times: number) => {
      const statuses = [];
      for (let count = 0; count < times; count += 1) statuses.push((await call('GET /v1/me')).status);
      return statuses;
    };
    const first = await org.as('admin', app);
    expect(await statusesOf(first, 4)).toEqual([200, 200, 200, 429]);
    // What the first was refused has taken nothing from the others.
    const second = await org.as('viewer', app);
    expect(await statusesOf(second, 3)).toEqual([200, 200, 429]);
    expect(await statusesOf(await other.as('admin', app), 3)).toEqual([200, 200, 200]);
    const refused = await second('GET /v1/me');
    expect(refused.body.code).toBe('too_many_requests');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  });
});

import { trustedProxiesSchema } from '@everwave/schema/network';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { createTestApi, type TestApi } from '../testing/test-api.ts';

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

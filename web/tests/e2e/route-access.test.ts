import type { RouteConfigEntry } from '@react-router/dev/routes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRoutes } from '../../app/account/route-access.ts';
import routes from '../../app/routes.ts';
import { type FakeStack, startFakeStack } from './stack.ts';

let stack: FakeStack;
beforeAll(async () => {
  stack = await startFakeStack();
});
afterAll(() => stack?.close());

const pathsOf = (entries: readonly RouteConfigEntry[], above = ''): string[] =>
  entries.flatMap(({ path, children }) => {
    const here = path === undefined ? above : `${above}/${path}`;
    return children ? pathsOf(children, here) : [here || '/'];
  });
const closed = pathsOf(routes).filter((path) => !Object.hasOwn(openRoutes, path));

const ask = async (path: string, method: 'GET' | 'POST', cookie?: string) => {
  const reply = await fetch(`${stack.url}${path.replaceAll(/:\w+/g, 'x')}`, {
    method,
    redirect: 'manual',
    headers: { origin: stack.url, ...(cookie !== undefined && { cookie }) },
    ...(method === 'POST' && { body: new URLSearchParams({ a: 'b' }) }),
  });
  return { status: reply.status, location: reply.headers.get('location'), text: await reply.text() };
};

describe('the built web, asked by somebody who is not signed in', () => {
  it.each(closed)('leads to the sign-in page, and does nothing: %s', async (path) => {
    const page = await ask(path, 'GET');
    expect([page.status, page.location]).toEqual([302, expect.stringMatching(/^\/sign-in/)]);
    const change = await ask(path, 'POST');
    expect([change.status, change.location]).toEqual([302, '/sign-in']);
    if (path === '/') return;
    const data = await ask(`${path}.data`, 'GET');
    expect(data.text).toContain('SingleFetchRedirect');
    expect(data.text).toContain('/sign-in');
  });

  it.each(closed)('shows nothing to a session that the api does not know: %s', async (path) => {
    expect((await ask(path, 'GET', 'everwave.session_token=made.up')).status).toBeGreaterThanOrEqual(300);
  });

  it('shows the pages that need no session', async () => {
    for (const path of ['/sign-in', '/setup']) expect((await ask(path, 'GET')).status).toBe(200);
    expect((await ask('/nowhere', 'GET')).status).toBe(404);
  });
});

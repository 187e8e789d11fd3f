import type { RouteConfigEntry } from '@react-router/dev/routes';
import { RouterContextProvider } from 'react-router';
import { describe, expect, it } from 'vitest';
import routes from '../routes.ts';
import { requireSession } from './require-session.server.ts';
import { openRoutes } from './route-access.ts';

/** Every address pattern of the product, as React Router names it to a loader. */
const patternsOf = (entries: readonly RouteConfigEntry[], above = ''): string[] =>
  entries.flatMap(({ path, children }) => {
    const here = path === undefined ? above : `${above}/${path}`;
    return children ? patternsOf(children, here) : [here || '/'];
  });
const patterns = patternsOf(routes);
const closed = patterns.filter((pattern) => !Object.hasOwn(openRoutes, pattern));

/** Where the request is sent, or null when it may go on. */
const sentTo = async (pattern: string, method: string, cookie?: string): Promise<string | null> => {
  const url = new URL(pattern.replaceAll(/[:*]\w*/g, 'x'), 'http://127.0.0.1:3000');
  const request = new Request(url, { method, ...(cookie !== undefined && { headers: { cookie } }) });
  const asked = { request, url, pattern, params: {}, context: new RouterContextProvider() };
  try {
    await requireSession(asked, async () => new Response('its data'));
    return null;
  } catch (thrown) {
    if (thrown instanceof Response) return thrown.headers.get('location');
    throw thrown;
  }
};

describe('every route of the web', () => {
  it('is one of those found here, and the open ones exist', () => {
    expect(patterns.length).toBeGreaterThan(25);
    expect(new Set(patterns).size).toBe(patterns.length);
    expect(Object.keys(openRoutes).filter((pattern) => !patterns.includes(pattern))).toEqual([]);
    for (const because of Object.values(openRoutes)) expect(because.length).toBeGreaterThan(20);
  });

  it.each(closed)('needs a session before its loader and its action run: %s', async (pattern) => {
    for (const cookie of [undefined, '', 'theme=dark', 'session=', 'a=session=1; theme=dark']) {
      expect(await sentTo(pattern, 'GET', cookie), String(cookie)).toMatch(/^\/sign-in/);
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        expect(await sentTo(pattern, method, cookie), `${method}, ${cookie}`).toBe('/sign-in');
      }
    }
    for (const name of ['everwave.session_token', '__Host-everwave.session_token']) {
      expect(await sentTo(pattern, 'GET', `theme=dark; ${name}=t.s`)).toBeNull();
    }
  });

  it.each(Object.keys(openRoutes))('that is open asks for none: %s', async (pattern) => {
    expect(await sentTo(pattern, 'GET')).toBeNull();
    expect(await sentTo(pattern.slice(1), 'POST')).toBeNull();
  });

  it('that is in no list is closed', async () => {
    for (const pattern of ['/debug', '/sign-in/debug', '/setup2', '']) {
      expect(await sentTo(pattern, 'GET'), pattern).toMatch(/^\/sign-in/);
    }
  });

  it('comes back after signing in', async () => {
    expect(await sentTo('/runs', 'GET')).toBe('/sign-in?next=%2Fruns');
    expect(await sentTo('/', 'GET')).toBe('/sign-in');
  });
});

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createWorld, type WorldOptions } from '../fake-api/world.ts';
import { launchBrowser } from './browser.ts';
import { type FakeStack, startFakeStack } from './stack.ts';
import { visit } from './visit.ts';

export interface Look {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly hasScript?: boolean;
  readonly isSignedIn?: boolean;
}

export interface FakeStackInUse {
  /** From the first `beforeAll` on. */
  readonly stack: FakeStack;
  /** Another world, for the rest of this test. */
  readonly populate: (options?: Partial<WorldOptions>) => void;
  /** Closed, with its context, when the test is over. */
  readonly open: (path: string, look?: Look) => Promise<Page>;
}

/** The built web on the fake api and a browser, for the tests of one file; each begins with a world of its own. */
export const useFakeStack = (): FakeStackInUse => {
  let browser: Browser | undefined;
  let stack: FakeStack | undefined;
  const contexts: BrowserContext[] = [];
  const inUse = <Thing>(thing: Thing | undefined): Thing => {
    if (!thing) throw new Error('The stack is there from beforeAll on.');
    return thing;
  };
  const populate = (options: Partial<WorldOptions> = {}): void => {
    const { api, url } = inUse(stack);
    api.setWorld(createWorld({ now: Date.now(), webUrl: url, ...options }));
    api.setFault(null);
  };

  beforeAll(async () => {
    stack = await startFakeStack();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });
  beforeEach(() => populate());
  afterEach(() => Promise.all(contexts.splice(0).map((context) => context.close())));

  return {
    get stack() {
      return inUse(stack);
    },
    populate,
    open: async (path, { theme = 'light', width = 1_440, hasScript = true, isSignedIn = true } = {}) => {
      const { url } = inUse(stack);
      const context = await inUse(browser).newContext({
        viewport: { width, height: 900 },
        colorScheme: theme,
        reducedMotion: 'reduce',
        javaScriptEnabled: hasScript,
      });
      contexts.push(context);
      if (isSignedIn) await context.addCookies([{ name: 'fake_session', value: 'mara', url }]);
      const page = await context.newPage();
      await (hasScript ? visit(page, `${url}${path}`) : page.goto(`${url}${path}`));
      return page;
    },
  };
};

import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../tests/e2e/browser.ts';
import { startFakeStack, type FakeStack } from '../tests/e2e/stack.ts';
import { createWorld } from '../tests/fake-api/world.ts';
import { shots, type Shot } from './shots.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(tmpdir(), 'everwave-screenshots') },
    /** Only shots whose name holds this. */
    only: { type: 'string', default: '' },
    /** Only this theme, or this width. */
    theme: { type: 'string' },
    width: { type: 'string' },
  },
});

const themes = ['light', 'dark'] as const;
const sizes = [
  { width: 1440, height: 900 },
  { width: 375, height: 812 },
] as const;

const take = async (
  browser: Browser,
  stack: FakeStack,
  shot: Shot,
  theme: (typeof themes)[number],
  size: (typeof sizes)[number],
) => {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    reducedMotion: 'reduce',
    hasTouch: size.width < 600,
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
  });
  try {
    if (shot.signedIn !== false) {
      await context.addCookies([{ name: 'fake_session', value: 'mara', url: stack.url }]);
    }
    const page: Page = await context.newPage();
    stack.api.setFault(shot.fault ?? null);
    await page.goto(`${stack.url}${shot.path}`, { waitUntil: 'load' });
    await page.evaluate(() => document.fonts.ready);
    await shot.act?.(page);
    await page.waitForTimeout(shot.settle ?? 350);
    const file = join(values.out, `${shot.name}.${theme}.${size.width}.png`);
    await page.screenshot({ path: file, fullPage: shot.fullPage ?? true });
    process.stdout.write(`${file}\n`);
  } finally {
    await context.close();
  }
};

await mkdir(values.out, { recursive: true });
const browser = await launchBrowser();
const stack = await startFakeStack();
const worlds = {
  'lived-in': stack.api.world,
  empty: createWorld({ now: Date.now(), webUrl: stack.url, isEmpty: true }),
};
try {
  for (const shot of shots.filter((each) => each.name.includes(values.only))) {
    for (const theme of themes.filter((each) => !values.theme || each === values.theme)) {
      for (const size of sizes.filter((each) => !values.width || String(each.width) === values.width)) {
        stack.api.setWorld(worlds[shot.world ?? 'lived-in']);
        await take(browser, stack, shot, theme, size);
      }
    }
  }
} finally {
  await browser.close();
  await stack.close();
}

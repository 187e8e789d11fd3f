import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { type FakeStack, startFakeStack } from './stack.ts';
import { visit } from './visit.ts';

let browser: Browser;
let stack: FakeStack;
let context: BrowserContext;
beforeAll(async () => {
  stack = await startFakeStack();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});
afterEach(() => context?.close());

interface Look {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly isSignedIn?: boolean;
}

const open = async (path: string, { theme = 'light', width = 1_440, isSignedIn = true }: Look = {}): Promise<Page> => {
  context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  if (isSignedIn) await context.addCookies([{ name: 'fake_session', value: 'mara', url: stack.url }]);
  const page = await context.newPage();
  await visit(page, `${stack.url}${path}`);
  return page;
};

const shots = process.env['EVERWAVE_SHOTS'];
const paths = [
  '/sign-in',
  '/forgot-password',
  '/reset-password?token=good',
  '/verify-email?token=good',
  '/verify-email',
  '/second-factor',
  '/settings/profile',
  '/settings/security',
  '/settings/sessions',
] as const;

describe('the pages of one’s own account', () => {
  it.each(paths)('%s: has no accessibility fault in light and dark, wide and narrow', async (path) => {
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [375, 1_440]) {
        const page = await open(path, { theme, width });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
        const name = `${path.replaceAll(/\W+/g, '-')}-${theme}-${width}.png`;
        if (shots) await page.screenshot({ path: `${shots}/${name}`, fullPage: true });
        await context.close();
      }
    }
  });

  it('ask for a code after the password, and take it', async () => {
    const page = await open('/sign-in', { isSignedIn: false });
    await page.getByLabel('E-mail').fill('careful@hartwell.coffee');
    await page.getByLabel('Password').fill('a short sentence');
    await page.getByLabel('Stay signed in').check();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('alert').getByText('That code does not fit').waitFor();
    await page.getByLabel('Code').fill('123456');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL(`${stack.url}/`);
  });

  it('lead from a forgotten password to a new one', async () => {
    const page = await open('/sign-in', { isSignedIn: false });
    await page.getByRole('link', { name: 'Forgot the password?' }).click();
    await page.getByLabel('E-mail').fill('mara@hartwell.coffee');
    await page.getByRole('button', { name: 'Mail me a link' }).click();
    await page.getByText('Look into your mail').waitFor();
    await visit(page, `${stack.url}/reset-password?token=used`);
    await page.getByLabel('New password').fill('another sentence');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('This link is wrong or was used.').waitFor();
    await visit(page, `${stack.url}/reset-password?token=good`);
    await page.getByLabel('New password').fill('another sentence');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByRole('heading', { name: 'The password is changed' }).waitFor();
  });

  it('set a second factor up, and show the recovery codes once', async () => {
    const page = await open('/settings/security');
    await page.getByRole('link', { name: 'Set it up' }).click();
    await page.getByLabel('Your password').fill('a short sentence');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByText('JBSW Y3DP').waitFor();
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await page.getByText('This code does not fit.').waitFor();
    await page.getByLabel('Code').fill('123456');
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await page.getByText('k3fm-p7qa-2xhd-v5tn').waitFor();
    await visit(page, `${stack.url}/settings/security`);
    await page.getByText('10 recovery codes').waitFor();
  });

  it('end another session', async () => {
    const page = await open('/settings/sessions');
    await page.getByRole('button', { name: 'End', exact: true }).click();
    await page.getByRole('button', { name: 'End', exact: true }).waitFor({ state: 'detached' });
    expect(await page.getByText('This browser').count()).toBe(1);
  });
});

import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from 'vitest';
import { useFakeStack } from './use-fake-stack.ts';
import { visit } from './visit.ts';

const fake = useFakeStack();
const { open } = fake;

const shots = process.env['EVERWAVE_SHOTS'];
const paths = [
  '/sign-in',
  '/sign-up',
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
    await page.waitForURL(`${fake.stack.url}/`);
  });

  it('lead from a forgotten password to a new one', async () => {
    const page = await open('/sign-in', { isSignedIn: false });
    await page.getByRole('link', { name: 'Forgot the password?' }).click();
    await page.getByLabel('E-mail').fill('mara@hartwell.coffee');
    await page.getByRole('button', { name: 'Mail me a link' }).click();
    await page.getByText('Look into your mail').waitFor();
    await visit(page, `${fake.stack.url}/reset-password?token=used`);
    await page.getByLabel('New password').fill('another sentence');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('This link is wrong or was used.').waitFor();
    await visit(page, `${fake.stack.url}/reset-password?token=good`);
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
    await page.getByRole('img', { name: 'The key, to be scanned' }).waitFor();
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await page.getByText('This code does not fit.').waitFor();
    await page.getByLabel('Code').fill('123456');
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await page.getByText('k3fm-p7qa-2xhd-v5tn').waitFor();
    await visit(page, `${fake.stack.url}/settings/security`);
    await page.getByText('10 recovery codes').waitFor();
  });

  it('end another session', async () => {
    const page = await open('/settings/sessions');
    await page.getByRole('button', { name: 'End', exact: true }).click();
    await page.getByRole('button', { name: 'End', exact: true }).waitFor({ state: 'detached' });
    expect(await page.getByText('This browser').count()).toBe(1);
  });
});

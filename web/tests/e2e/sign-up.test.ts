import { AxeBuilder } from '@axe-core/playwright';
import decodeQR from 'qr/decode.js';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open } = fake;

const shots = process.env['EVERWAVE_SHOTS'];

const fill = async (page: Page, password: string): Promise<void> => {
  await page.getByLabel('Your name').fill('Sol Adeyemi');
  await page.getByLabel('E-mail').fill('sol@hartwell.coffee');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Make the account' }).click();
};

/** The pages' faults, in both themes and widths, in the state that `act` brings them into. */
const look = async (path: string, name: string, act: (page: Page) => Promise<unknown>): Promise<void> => {
  for (const theme of ['light', 'dark'] as const) {
    for (const width of [375, 1_440]) {
      const page = await open(path, { theme, width, isSignedIn: path.startsWith('/second') });
      await act(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      if (shots) await page.screenshot({ path: `${shots}/${name}-${theme}-${width}.png`, fullPage: true });
    }
  }
};

describe('signing up', () => {
  it('says that it is closed, and what to do', async () => {
    const page = await open('/sign-up', { isSignedIn: false });
    await page.getByRole('heading', { name: 'Signing up is closed' }).waitFor();
    await page.getByText('Ask an owner or admin of your organisation for an invitation.').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('link', { name: 'Make an account' }).count()).toBe(0);
  });

  it('says where the owner begins while there is none', async () => {
    fake.populate({ isEmpty: true });
    const page = await open('/sign-up', { isSignedIn: false });
    await page.getByText('Open the one-time link that the terminal printed').waitFor();
  });

  it.each([true, false])(
    'refuses a common password beside its field and keeps the rest; script: %s',
    async (hasScript) => {
      fake.stack.api.world.isSignUpOpen = true;
      const page = await open('/sign-in', { isSignedIn: false, hasScript });
      await page.getByRole('link', { name: 'Make an account' }).click();
      await fill(page, 'passwordpassword');
      await page.getByText('Many people chose this password.').waitFor();
      const field = page.getByLabel('Password');
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await field.getAttribute('aria-describedby')).toContain('error');
      expect(await page.getByRole('alert').count()).toBe(0);
      expect(await page.getByLabel('E-mail').inputValue()).toBe('sol@hartwell.coffee');
      expect(await page.getByLabel('Your name').inputValue()).toBe('Sol Adeyemi');
      await field.fill('a short sentence');
      await page.getByRole('button', { name: 'Make the account' }).click();
      await page.getByRole('heading', { name: 'Confirm your e-mail address' }).waitFor();
      await page.getByText('It goes to sol@hartwell.coffee.').waitFor();
    },
  );

  it('leads whoever was invited to the invitation, whose address it is', async () => {
    fake.stack.api.world.isSignUpOpen = true;
    const page = await open('/sign-up?invitation=good', { isSignedIn: false });
    await page.getByRole('heading', { name: 'Join Hartwell Coffee' }).waitFor();
    const address = page.getByLabel('E-mail');
    expect([await address.inputValue(), await address.getAttribute('readonly')]).toEqual(['sol@hartwell.coffee', '']);
    await page.getByLabel('Your name').fill('Sol Adeyemi');
    await page.getByLabel('Password').fill('a short sentence');
    await page.getByRole('button', { name: 'Join Hartwell Coffee' }).click();
    await page.waitForURL(`${fake.stack.url}/`);
  });

  it('has no fault in any of its states', async () => {
    await look('/sign-up', 'sign-up-closed', (page) => page.getByText('closed').first().waitFor());
    fake.stack.api.world.isSignUpOpen = true;
    await look('/sign-up', 'sign-up-refused', async (page) => {
      await fill(page, 'passwordpassword');
      await page.getByText('Many people chose this password.').waitFor();
    });
    await look('/sign-up', 'sign-up-sent', async (page) => {
      await fill(page, 'a short sentence');
      await page.getByText('It goes to').waitFor();
    });
  });
});

describe('setting a second factor up', () => {
  const begin = async (page: Page): Promise<void> => {
    await page.getByLabel('Your password').fill('a short sentence');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('img', { name: 'The key, to be scanned' }).waitFor();
  };

  it.each(['light', 'dark'] as const)('shows a code that a phone reads off the screen: %s', async (theme) => {
    const page = await open('/second-factor', { theme });
    await begin(page);
    const image = await page.getByRole('img', { name: 'The key, to be scanned' }).screenshot();
    // A page of its own: ours may not read pictures.
    const reader = await page.context().newPage();
    const pixels = await reader.evaluate(async (encoded) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${encoded}`)).blob()).catch(
        () => null,
      );
      if (!bitmap) return null;
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const data = context?.getImageData(0, 0, bitmap.width, bitmap.height);
      return data ? { width: data.width, height: data.height, data: [...data.data] } : null;
    }, image.toString('base64'));
    expect(pixels).not.toBeNull();
    const read = pixels && decodeQR({ ...pixels, data: Uint8Array.from(pixels.data) });
    expect(read).toBe('otpauth://totp/Everwave:mara?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');
  });

  // Before it is set up: the fake remembers.
  it('has no fault', () => look('/second-factor', 'second-factor-qr', begin));

  it('does so without script, and again after a code that does not fit', async () => {
    const page = await open('/second-factor', { hasScript: false });
    await begin(page);
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await page.getByText('This code does not fit.').waitFor();
    await page.getByRole('img', { name: 'The key, to be scanned' }).waitFor();
    await page.getByText('JBSW Y3DP EHPK 3PXP').waitFor();
    await page.getByLabel('Code').fill('123456');
    await page.getByRole('button', { name: 'Turn it on' }).click();
    await page.getByText('k3fm-p7qa-2xhd-v5tn').waitFor();
  });
});

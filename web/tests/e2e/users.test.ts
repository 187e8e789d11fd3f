import { describe, expect, it } from 'vitest';
import { looksRight } from './looks.ts';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const accountOf = (name: string) => fake.stack.api.world.accounts.find((account) => account.name === name);

describe('the page of accounts', () => {
  it.each(['/admin/users', '/admin/users?user=u_bram', '/admin/users?user=u_admin', '/admin/users?text=nobody'])(
    '%s: has no accessibility fault in light and dark, wide and narrow',
    async (path) => {
      await looksRight(open, path);
    },
  );

  it.each([true, false])('suspends and restores somebody, with script: %s', async (hasScript) => {
    const page = await open('/settings', { hasScript });
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Users' }).click();
    await page.getByLabel('Name or e-mail').fill('noor');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('link', { name: 'Manage Noor Haddad' }).click();
    await page.getByRole('button', { name: 'Suspend Noor Haddad' }).click();
    await page.getByText('Noor Haddad is suspended').waitFor();
    expect(accountOf('Noor Haddad')?.suspendedAt).toBeTruthy();
    await page.getByRole('button', { name: 'Restore Noor Haddad' }).click();
    await page.getByText('Noor Haddad may sign in again.').waitFor();
    expect(accountOf('Noor Haddad')?.suspendedAt).toBeNull();
  });

  it.each([true, false])('sends a link, and gives and takes the administration, with script: %s', async (hasScript) => {
    const page = await open('/admin/users?user=u_admin', { hasScript });
    await page.getByRole('button', { name: 'Mail a link for a new password' }).click();
    await page.getByText('is on its way to Noor Haddad').waitFor();
    await page.getByRole('button', { name: 'Make an administrator' }).click();
    await page.getByText('Noor Haddad is an administrator of this installation.').waitFor();
    expect(accountOf('Noor Haddad')?.isInstanceAdministrator).toBe(true);
    await page.getByRole('button', { name: 'Take the administration away' }).click();
    await page.getByText('Noor Haddad is no administrator of this installation any more.').waitFor();
    expect(accountOf('Noor Haddad')?.isInstanceAdministrator).toBe(false);
  });

  it('offers nothing about oneself', async () => {
    const page = await open('/admin/users?user=u_mara');
    await page.getByText('(you)').waitFor();
    expect(await page.getByRole('link', { name: 'Manage Mara Lindqvist' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /Mara/ }).count()).toBe(0);
  });

  it('is neither shown nor there for anybody else', async () => {
    populate({ role: 'admin' });
    const page = await open('/settings');
    const settings = page.getByRole('navigation', { name: 'Settings' });
    await settings.getByRole('link', { name: 'Members' }).waitFor();
    expect(await settings.getByRole('link', { name: 'Users' }).count()).toBe(0);
    const response = await page.goto(`${fake.stack.url}/admin/users`);
    expect(response?.status()).toBe(404);
    await page.getByText('There is nothing at this address').waitFor();
  });

  it('tells somebody who is suspended what happened, instead of the page they asked for', async () => {
    fake.stack.api.setFault({ status: 403, code: 'account_suspended' });
    const page = await open('/settings/members');
    await page.getByText('Your runs go on.').waitFor();
  });
});

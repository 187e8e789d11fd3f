import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });

describe('the page of roles', () => {
  it('makes, edits and deletes a role by form, and shows in the matrix what each holds', async () => {
    const page = await open('/settings');
    await page.getByRole('link', { name: 'Roles' }).first().click();
    await page.getByRole('link', { name: 'New role' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Night shift');
    await page.getByLabel('See flows').check();
    await page.getByRole('button', { name: 'Make the role' }).click();
    await page.getByRole('alert').getByText('Another role is called “Night shift”.').waitFor();
    expect(await page.getByLabel('See flows').isChecked()).toBe(true);
    await page.getByLabel('Name', { exact: true }).fill('Early shift');
    await page.getByRole('button', { name: 'Make the role' }).click();
    await page.getByRole('status').getByText('Early shift can be given from now on').waitFor();
    await page.getByRole('link', { name: 'Edit Early shift' }).click();
    await page.getByLabel('See flows').uncheck();
    await page.getByLabel('See runs').check();
    await page.getByRole('button', { name: 'Save the role' }).click();
    await page.getByText('Early shift is changed, for whoever has it at once').waitFor();
    expect(fake.stack.api.world.roles.find(({ name }) => name === 'Early shift')?.permissions).toEqual(['runs:read']);
    const cells = page.getByRole('row').filter({ hasText: 'See runs' }).getByRole('cell');
    // The notice may come before the table is loaded again.
    await expect.poll(() => cells.last().innerText(), { timeout: 10_000 }).toContain('yes');
    await page.getByRole('button', { name: 'Delete Early shift' }).click();
    await page.getByText('Early shift is deleted').waitFor();
  });

  it('says whose role it is instead of deleting it', async () => {
    const page = await open('/settings/roles');
    await page.getByRole('button', { name: 'Delete Night shift' }).click();
    await page.getByRole('alert').getByText('still held: 2 people').waitFor();
  });

  it('is to look at for whoever may not manage roles', async () => {
    populate({ role: 'viewer' });
    const page = await open('/settings/roles');
    await page.getByRole('region', { name: 'Permissions of each role' }).waitFor();
    expect(await page.getByRole('link', { name: /New role|Edit/ }).count()).toBe(0);
  });
});

describe('the page of API keys', () => {
  it('makes a key that is limited to what is ticked', async () => {
    const page = await open('/settings/api-keys');
    await page.getByRole('button', { name: 'New key', exact: true }).click();
    await page.getByLabel('Name').fill('Read only');
    await page.getByLabel('Acts as').selectOption('operator');
    await page.getByLabel('Limit what it may do').check();
    expect(await page.getByLabel('Manage members').count()).toBe(0);
    await page.getByLabel('See flows').check();
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('ew_7Hd3mK0pQ2vX9sLw4TzB6nYc8RfJ1gUa').waitFor();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await row(page, 'Read only').getByText('Limited to 1 permission').waitFor();
    expect(fake.stack.api.world.apiKeys.at(-1)).toMatchObject({ role: 'operator', scopes: ['flows:read'] });
  });

  it('makes a service account, a key for it, and stops it', async () => {
    const page = await open('/settings/api-keys');
    await page.getByRole('button', { name: 'New service account' }).click();
    await page.getByLabel('Name').fill('Till');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('button', { name: 'New key for Till' }).click();
    await page.getByText('Has the role of the service account: operator.').waitFor();
    await page.getByLabel('Name').fill('Till key');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    expect(fake.stack.api.world.apiKeys.at(-1)?.serviceAccount?.name).toBe('Till');
    await page.getByRole('button', { name: 'Disable Till' }).click();
    await row(page, 'Till').getByText('Disabled').waitFor();
  });
});

import { type Permission, rolePermissions } from '@everwave/schema/api';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { launchBrowser } from './browser.ts';
import { type ProductStack, startProductStack } from './product.ts';
import { becomeOwner } from './sample.ts';
import { visit } from './visit.ts';

// People of two organisations and five roles, on the whole product; every link is read from a mail that was sent.

const invited = ['admin', 'developer', 'operator', 'viewer'] as const;
type Invited = (typeof invited)[number];

let stack: ProductStack;
let browser: Browser;
let owner: Page;
const pages = new Map<Invited, Page>();
const contexts: BrowserContext[] = [];

const addressOf = (role: string): string => `${role}@roastery.example`;
const passwordOf = (role: string): string => `the ${role} likes long sentences`;

const newPage = async (): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 }, reducedMotion: 'reduce' });
  contexts.push(context);
  return context.newPage();
};

beforeAll(async () => {
  [stack, browser] = await Promise.all([startProductStack(), launchBrowser()]);
  owner = await newPage();
  await becomeOwner(owner, stack);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await stack?.close();
}, 60_000);

const messagesSchema = z.object({
  messages: z.array(z.object({ subject: z.string(), to: z.array(z.string()), text: z.string() })),
});

/** The link in the newest mail to this address whose subject holds these words. */
const mailedLink = async (address: string, subject: string): Promise<string> => {
  let link: string | undefined;
  await expect
    .poll(
      async () => {
        const { messages } = messagesSchema.parse(await (await fetch(`${stack.mailUrl}/messages`)).json());
        const found = messages.filter((mail) => mail.to.includes(address) && mail.subject.includes(subject));
        link = /https?:\/\/\S+/.exec(found.at(-1)?.text ?? '')?.[0];
        return link;
      },
      { timeout: 60_000 },
    )
    .toBeDefined();
  return link ?? '';
};

const pageOf = (role: Invited): Page => {
  const page = pages.get(role);
  if (!page) throw new Error(`The ${role} has not joined.`);
  return page;
};

const signIn = async (page: Page, address: string, password: string): Promise<void> => {
  await visit(page, `${stack.url}/sign-in`);
  await page.getByLabel('E-mail').fill(address);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Main' }).first().waitFor();
};

it('invites people by mail, who join with the role that they were given', async () => {
  for (const role of invited) {
    await visit(owner, `${stack.url}/settings/members`);
    await owner.getByLabel('E-mail').fill(addressOf(role));
    await owner
      .locator('form', { has: owner.getByLabel('E-mail') })
      .getByLabel('Role')
      .selectOption(role);
    await owner.getByRole('button', { name: 'Invite', exact: true }).click();
    await owner.getByRole('button', { name: `Send again to ${addressOf(role)}` }).waitFor();
    const page = await newPage();
    pages.set(role, page);
    await visit(page, await mailedLink(addressOf(role), 'invites you'));
    await page.getByLabel('Your name').fill(`The ${role}`);
    await page.getByLabel('Password').fill(passwordOf(role));
    await page.getByRole('button', { name: /^Join / }).click();
    await page.getByRole('navigation', { name: 'Main' }).first().waitFor();
  }
  await visit(owner, `${stack.url}/settings/members`);
  for (const role of invited) await owner.getByText(addressOf(role)).first().waitFor();
}, 180_000);

it('shows each role what it may do, and nothing else', async () => {
  const everyone: readonly (readonly [keyof typeof rolePermissions, Page])[] = [
    ['owner', owner],
    ...invited.map((role) => [role, pageOf(role)] as const),
  ];
  for (const [role, page] of everyone) {
    const may = (permission: Permission): boolean => rolePermissions[role].includes(permission);
    await visit(page, `${stack.url}/workflows`);
    const has = async (name: RegExp | string): Promise<boolean> =>
      (await page.getByRole('button', { name }).count()) > 0;
    expect([role, await has('New flow'), await has(/^Run .* now$/)]).toEqual([
      role,
      may('flows:write'),
      may('runs:start'),
    ]);
    await visit(page, `${stack.url}/settings`);
    const shown = (label: string) => page.getByRole('link', { name: label, exact: true }).count();
    expect([role, (await shown('Members')) > 0, (await shown('API keys')) > 0, (await shown('Audit log')) > 0]).toEqual(
      [role, may('members:read'), may('apiKeys:manage'), may('audit:read')],
    );
  }
}, 120_000);

it('keeps two organisations apart, and leads from one to the other', async () => {
  await visit(owner, `${stack.url}/settings/organisation`);
  await owner.getByLabel('Name of the new organisation').fill('Second Roastery');
  await owner
    .locator('form', { has: owner.getByLabel('Name of the new organisation') })
    .getByRole('button')
    .click();
  const switcher = owner.locator('summary', { hasText: 'Organisation:' });
  await switcher.getByText('Second Roastery').waitFor();
  await visit(owner, `${stack.url}/workflows`);
  await owner.getByText('No flows yet').waitFor();
  await visit(owner, `${stack.url}/settings/members`);
  expect(await owner.getByText(addressOf('viewer')).count()).toBe(0);
  await switcher.click();
  await owner.locator('details[open] li button:not([aria-current])').click();
  await expect.poll(() => switcher.innerText(), { timeout: 15_000 }).not.toContain('Second Roastery');
  await visit(owner, `${stack.url}/settings/members`);
  await owner.getByText(addressOf('viewer')).first().waitFor();
}, 90_000);

it('lets somebody who forgot their password choose another by a mailed link', async () => {
  const page = await newPage();
  await visit(page, `${stack.url}/forgot-password`);
  await page.getByLabel('E-mail').fill(addressOf('viewer'));
  await page.getByRole('button', { name: /link/i }).click();
  await visit(page, await mailedLink(addressOf('viewer'), 'Choose a new password'));
  await page.getByLabel('New password').fill('quite another long sentence');
  await page
    .locator('form', { has: page.getByLabel('New password') })
    .getByRole('button')
    .click();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  await signIn(page, addressOf('viewer'), 'quite another long sentence');
  // The session of before has ended with the password.
  const old = pageOf('viewer');
  await old.goto(`${stack.url}/workflows`);
  await old.waitForURL(/\/sign-in/);
}, 90_000);

it('hands the organisation over when both have confirmed it', async () => {
  await visit(owner, `${stack.url}/settings/organisation`);
  const to = owner.getByLabel('Offer the organisation to');
  await to.selectOption((await to.locator('option', { hasText: addressOf('admin') }).getAttribute('value')) ?? '');
  const offer = owner.locator('form', { has: to });
  await offer.getByLabel('Your password').fill('a long enough password');
  await offer.getByRole('button', { name: 'Offer the ownership' }).click();
  await owner.getByRole('button', { name: 'Withdraw the offer' }).waitFor();
  const admin = pageOf('admin');
  await visit(admin, `${stack.url}/settings/organisation`);
  await admin
    .locator('form', { has: admin.getByRole('button', { name: 'Accept the ownership' }) })
    .getByLabel('Your password')
    .fill(passwordOf('admin'));
  await admin.getByRole('button', { name: 'Accept the ownership' }).click();
  await admin.getByLabel('Offer the organisation to').waitFor();
  await visit(owner, `${stack.url}/settings/organisation`);
  expect(await owner.getByLabel('Offer the organisation to').count()).toBe(0);
}, 90_000);

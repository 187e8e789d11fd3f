import { startedRunSchema } from '@everwave/schema/api';
import type { Page } from 'playwright-core';
import type { ProductStack } from './product.ts';
import { visit } from './visit.ts';

/** What a person does with the sample that `npm start` brings. */

export const becomeOwner = async (page: Page, { setupUrl }: ProductStack): Promise<void> => {
  await visit(page, setupUrl);
  await page.getByLabel('Your name').fill('Mara Lindqvist');
  await page.getByLabel('E-mail').fill('mara@example.com');
  await page.getByLabel('Password').fill('a long enough password');
  await page.getByRole('button', { name: 'Set up Everwave' }).click();
  await page.getByRole('heading', { name: 'Mara, everything is flowing' }).waitFor();
};

export const sendOrder = ({ webhookUrl }: ProductStack, orderId: string): Promise<Response> =>
  fetch(webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId, customerId: 'c_7', total: 129.9 }),
  });

export const runOfOrder = async (stack: ProductStack, orderId: string) =>
  startedRunSchema.parse(await (await sendOrder(stack, orderId)).json());

/** Slack refuses the next message. */
export const failSlackOnce = async ({ slackUrl }: ProductStack): Promise<void> => {
  const reply = await fetch(`${slackUrl}/_fake/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ok: false, error: 'not_in_channel' }),
    }),
  });
  if (reply.status !== 204) throw new Error(`The stand-in for Slack answered ${reply.status}.`);
};

/** Waits until the page of a run says that it is so. */
export const runIs = (page: Page, words: string): Promise<void> =>
  page.locator('h1').getByText(words, { exact: true }).waitFor();

/** Where the page of a run leads to in the Temporal UI. */
export const temporalLinkOf = async (page: Page): Promise<string> =>
  (await page.getByRole('link', { name: /Open in Temporal UI/ }).getAttribute('href')) ?? '';

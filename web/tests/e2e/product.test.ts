import { startedRunSchema } from '@everwave/schema/api';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { type ProductStack, startProductStack } from './product.ts';
import { visit } from './visit.ts';

let stack: ProductStack;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startProductStack(), launchBrowser()]);
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await stack?.close();
}, 60_000);

const send = async (orderId: string): Promise<Response> =>
  fetch(stack.webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId, customerId: 'c_7', total: 129.9 }),
  });

const runOf = async (orderId: string) => startedRunSchema.parse(await (await send(orderId)).json());

/** Slack refuses the next message. */
const failSlackOnce = async (): Promise<void> => {
  const reply = await fetch(`${stack.slackUrl}/_fake/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ok: false, error: 'not_in_channel' }),
    }),
  });
  expect(reply.status).toBe(204);
};

const runIs = (words: string) => page.locator('h1').getByText(words, { exact: true }).waitFor();

it('makes whoever opens the printed link the owner', async () => {
  await visit(page, stack.setupUrl);
  await page.getByLabel('Your name').fill('Mara Lindqvist');
  await page.getByLabel('E-mail').fill('mara@example.com');
  await page.getByLabel('Password').fill('a long enough password');
  await page.getByRole('button', { name: 'Set up Everwave' }).click();
  await page.getByRole('heading', { name: 'Mara, everything is flowing' }).waitFor();
  await page.getByText(stack.webhookUrl).waitFor();
});

it('shows a run happen, step by step, and what each step was given and gave', async () => {
  const { url, runId } = await runOf('A-1');
  await visit(page, url);
  await runIs('Succeeded');
  await page.locator('.flow-card', { hasText: /Thank the customer.*Done/ }).click();
  await page.getByText('ada.lovelace@example.com').first().waitFor();
  await page.locator('.flow-card', { hasText: 'Order arrives' }).click();
  await page.getByText('A-1', { exact: true }).waitFor();
  const link = await page.getByRole('link', { name: /Open in Temporal UI/ }).getAttribute('href');
  expect(decodeURIComponent(link ?? '')).toContain(runId);
});

it('parks at the step that fails, and goes on from there when a person retries it', async () => {
  await failSlackOnce();
  await visit(page, (await runOf('A-2')).url);
  await runIs('Needs attention');
  await page.getByText('Invite the bot to the channel').waitFor();
  await page
    .getByRole('link', { name: /Attention\s*1/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry the step' }).click();
  await runIs('Succeeded');
  await visit(page, `${stack.url}/attention?state=resolved`);
  await page.getByText('Retried by Mara Lindqvist').waitFor();
});

it('holds events of a flow that is off, and runs one when a person replays it', async () => {
  await visit(page, `${stack.url}/workflows`);
  await page.getByRole('switch').click();
  await page.getByText('New deliveries wait in the inbox').waitFor();
  expect((await send('A-3')).status).toBeLessThan(300);
  await visit(page, `${stack.url}/inbox?view=held`);
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start one run' }).click();
  await page.getByText('The event starts a run').waitFor();
  await visit(page, `${stack.url}/inbox`);
  await page.getByRole('link', { name: /^run / }).first().click();
  await runIs('Succeeded');
});

it('starts a run by hand with an input', async () => {
  await visit(page, `${stack.url}/workflows`);
  const start = page.getByRole('button', { name: /^Run .* now$/ });
  expect(await start.isDisabled()).toBe(true);
  await page.getByRole('switch').click();
  await start.click();
  await page.getByRole('textbox', { name: 'Input' }).fill('{"orderId":"A-4","customerId":"c_7","total":5}');
  await page.getByRole('button', { name: 'Start the run' }).click();
  await page.waitForURL(/\/runs\/run_/);
  await runIs('Succeeded');
});

it('tests each connection of the sample', async () => {
  await visit(page, `${stack.url}/connections`);
  const buttons = await page.getByRole('button', { name: 'Test' }).all();
  // HTTP, e-mail, Slack, and a model of each vendor.
  expect(buttons).toHaveLength(5);
  for (const button of buttons) await button.click();
  await expect.poll(() => page.getByText('Works', { exact: true }).count(), { timeout: 30_000 }).toBe(buttons.length);
});

describe('the API reference', () => {
  const me = 'Test Request (get /v1/me)';

  /** A page that notes every request to another server, made or only tried. */
  const openReference = async (context: BrowserContext) => {
    const reference = await context.newPage();
    const foreign: string[] = [];
    reference.on('request', (request) => {
      if (!request.url().startsWith(`${stack.url}/`) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
    await reference.exposeFunction('noteRefusal', (refusal: string) => foreign.push(refusal));
    await reference.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ blockedURI, violatedDirective }) => {
        // A library asks whether it may compile; it may not.
        if (blockedURI === 'eval') return;
        (window as unknown as { noteRefusal(refusal: string): void }).noteRefusal(`${violatedDirective} ${blockedURI}`);
      });
    });
    reference.on('console', (message) => {
      if (message.type() === 'error') foreign.push(message.text());
    });
    await reference.goto(`${stack.url}/docs#tag/account/GET/v1/me`);
    await reference.getByRole('button', { name: me }).click();
    return { reference, foreign };
  };

  const answer = async (reference: Page) => {
    const [response] = await Promise.all([
      reference.waitForResponse((reply) => new URL(reply.url()).pathname === '/v1/me'),
      reference
        .getByRole('dialog')
        .getByRole('button', { name: /^Send get request/ })
        .click(),
    ]);
    await reference.getByRole('dialog').getByText(String(response.status())).first().waitFor();
    return response;
  };

  it('asks no other server, and a call tried there answers as the person who is signed in', async () => {
    const { reference, foreign } = await openReference(page.context());
    const response = await answer(reference);
    expect(response.status()).toBe(200);
    expect(await response.json()).toMatchObject({ user: { email: 'mara@example.com' }, role: 'owner' });
    expect(foreign).toEqual([]);
    await reference.close();
  });

  it('lets a stranger try with a key, and tells them when they have none', async () => {
    await visit(page, `${stack.url}/settings`);
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('Try it');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.getByRole('dialog').getByText(/^ew_/).innerText();
    const stranger = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
    const { reference } = await openReference(stranger);
    expect((await answer(reference)).status()).toBe(401);
    await reference
      .getByRole('dialog')
      .getByLabel(/Bearer Token/)
      .first()
      .fill(key.trim());
    const response = await answer(reference);
    expect([response.status(), (await response.json()).apiKey.name]).toEqual([200, 'Try it']);
    await stranger.close();
  });
});

it('shows the values of a run in the Temporal UI once the browser sends its session to our codec', async () => {
  const { url } = await runOf('A-6');
  await visit(page, url);
  await runIs('Succeeded');
  const link = await page.getByRole('link', { name: /Open in Temporal UI/ }).getAttribute('href');
  const temporal = await page.context().newPage();
  const answers: number[] = [];
  temporal.on('response', (reply) => {
    if (reply.request().method() === 'POST' && reply.url().includes('/codec/')) answers.push(reply.status());
  });
  await temporal.goto(link ?? '');
  await temporal.getByRole('button', { name: 'Codec Server could not connect' }).click();
  expect(new Set(answers)).toEqual(new Set([401]));
  expect(await temporal.getByText('ada.lovelace@example.com').count()).toBe(0);

  // What docs/operate-a-run.md tells a person to do. On a small page the box hides its own switches from the mouse.
  await temporal.getByText('Use Cluster-level setting, where available').first().click();
  await temporal.getByText('Use my browser setting and ignore Cluster-level setting').first().click();
  const endpoint = `${new URL(stack.webhookUrl).origin}/codec`;
  await temporal.getByRole('textbox', { name: 'Codec Server browser endpoint' }).fill(endpoint);
  for (const control of [temporal.getByLabel('Include cross-origin credentials'), temporal.getByText('Apply')]) {
    await control.evaluate((element) => (element as HTMLElement).click());
  }
  answers.length = 0;
  await temporal.reload();
  await temporal.getByText('ada.lovelace@example.com').first().waitFor();
  expect(new Set(answers)).toEqual(new Set([200]));
  await temporal.close();
});

it('gave the browser nothing to complain about', () => {
  expect(complaints).toEqual([]);
});

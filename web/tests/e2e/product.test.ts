import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { type ProductStack, startProductStack } from './product.ts';
import { becomeOwner, failSlackOnce, runIs, runOfOrder, sendOrder, temporalLinkOf } from './sample.ts';
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

it('makes whoever opens the printed link the owner', async () => {
  await becomeOwner(page, stack);
  await page.getByText(stack.webhookUrl).waitFor();
});

it('shows a run happen, step by step, and what each step was given and gave', async () => {
  const { url, runId } = await runOfOrder(stack, 'A-1');
  await visit(page, url);
  await runIs(page, 'Succeeded');
  await page.locator('.flow-card', { hasText: /Thank the customer.*Done/ }).click();
  await page.getByText('ada.lovelace@example.com').first().waitFor();
  await page.locator('.flow-card', { hasText: 'Order arrives' }).click();
  await page.getByText('A-1', { exact: true }).waitFor();
  expect(decodeURIComponent(await temporalLinkOf(page))).toContain(runId);
});

it('parks at the step that fails, and goes on from there when a person retries it', async () => {
  await failSlackOnce(stack);
  await visit(page, (await runOfOrder(stack, 'A-2')).url);
  await runIs(page, 'Needs attention');
  await page.getByText('Invite the bot to the channel').waitFor();
  await page
    .getByRole('link', { name: /Attention\s*1/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry the step' }).click();
  await runIs(page, 'Succeeded');
  await visit(page, `${stack.url}/attention?state=resolved`);
  await page.getByText('Retried by Mara Lindqvist').waitFor();
});

it('holds events of a flow that is off, and runs one when a person replays it', async () => {
  await visit(page, `${stack.url}/workflows`);
  await page.getByRole('switch').click();
  await page.getByText('New deliveries wait in the inbox').waitFor();
  expect((await sendOrder(stack, 'A-3')).status).toBeLessThan(300);
  await visit(page, `${stack.url}/inbox?view=held`);
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start one run' }).click();
  await page.getByText('The event starts a run').waitFor();
  await visit(page, `${stack.url}/inbox`);
  await page.getByRole('link', { name: /^run / }).first().click();
  await runIs(page, 'Succeeded');
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
  await runIs(page, 'Succeeded');
});

it('draws a flow from nothing, publishes it, and runs it', async () => {
  const addStep = async (words: string): Promise<void> => {
    await page.keyboard.press('/');
    const search = page.getByRole('searchbox', { name: 'Find a step to add' });
    await search.fill(words);
    await search.press('Enter');
  };
  await visit(page, `${stack.url}/workflows`);
  await page.getByRole('button', { name: 'New flow' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Greet');
  await page.getByRole('button', { name: 'Create and draw' }).click();
  await page.waitForURL(/\/edit$/);
  await page.getByText('Every flow begins with what starts it').waitFor();
  await addStep('by hand');
  await addStep('return');
  await page.getByRole('textbox', { name: 'Output, text' }).fill('Hello, {{ trigger.body.name }}!');
  await page.getByText('Draft saved').waitFor();
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await page.getByText('Version 1 is live.').waitFor();
  await page.getByRole('link', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.getByRole('textbox', { name: 'Input' }).fill('{"name":"Ada"}');
  await page.getByRole('button', { name: 'Start the run' }).click();
  await page.waitForURL(/\/runs\/run_/);
  await runIs(page, 'Succeeded');
  await page.getByText('Hello, Ada!').first().waitFor();
});

it('tests each connection of the sample', async () => {
  await visit(page, `${stack.url}/connections`);
  const buttons = await page.getByRole('button', { name: 'Test' }).all();
  // HTTP, e-mail, Slack, and a model of each vendor.
  expect(buttons).toHaveLength(5);
  for (const button of buttons) await button.click();
  await expect.poll(() => page.getByText('Works', { exact: true }).count(), { timeout: 30_000 }).toBe(buttons.length);
});

it('has variables that a run reads, and that stay while a live flow reads them', async () => {
  await visit(page, `${stack.url}/settings/variables`);
  for (const [type, name, value] of [
    ['Text', 'REGION', 'eu-central'],
    ['Secret', 'SHOP_TOKEN', 'a-token-of-the-shop'],
  ] as const) {
    await page.getByRole('link', { name: 'New variable' }).click();
    const choice = page.getByRole('navigation', { name: 'Type of the variable' }).getByRole('link', { name: type });
    await choice.click();
    await choice.and(page.locator('[aria-current]')).waitFor();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Value', { exact: true }).fill(value);
    await page.getByRole('button', { name: 'Add the variable' }).click();
    await page.getByRole('status').getByText(`${name} is there`).waitFor();
  }
  expect(await page.content()).not.toContain('a-token-of-the-shop');
  const post = (path: string, body: object): Promise<{ id: string; url: string }> =>
    page.evaluate(
      async ([address, json]) => {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(address, { method: 'POST', headers, body: json });
        return response.json();
      },
      [path, JSON.stringify(body)] as const,
    );
  const graph = {
    nodes: [
      { id: 'start', kind: 'trigger.manual', title: 'By hand', input: {} },
      { id: 'say', kind: 'control.return', title: 'Say where', input: { output: 'In {{ env.REGION }}' } },
    ],
    edges: [{ id: 'a', from: 'start', to: 'say' }],
  };
  const { id } = await post('/v1/flows', { name: 'Where it runs', graph });
  await post(`/v1/flows/${id}/publish`, {});
  await visit(page, (await post(`/v1/flows/${id}/runs`, {})).url);
  await runIs(page, 'Succeeded');
  await page.locator('.flow-card', { hasText: 'Say where' }).click();
  await page.getByText('In eu-central').first().waitFor();
  await visit(page, `${stack.url}/settings/variables`);
  await page.getByRole('link', { name: 'Delete REGION' }).click();
  await page.getByText('REGION cannot be deleted while live flows read it: Where it runs').waitFor();
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
    await visit(page, `${stack.url}/settings/api-keys`);
    await page.getByRole('button', { name: 'New key', exact: true }).click();
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

describe('the Temporal UI', () => {
  let link: string;
  let runId: string;

  /** Opens the run there, and notes what the codec answers. */
  const openRun = async (context: BrowserContext) => {
    const temporal = await context.newPage();
    const answers: number[] = [];
    temporal.on('response', (reply) => {
      if (reply.request().method() === 'POST' && reply.url().includes('/codec/')) answers.push(reply.status());
    });
    await temporal.goto(link);
    return { temporal, answers };
  };

  beforeAll(async () => {
    const started = await runOfOrder(stack, 'A-6');
    runId = started.runId;
    await visit(page, started.url);
    await runIs(page, 'Succeeded');
    link = await temporalLinkOf(page);
  });

  it('shows whoever is signed in the steps by their titles, the values in plain text, and the way to our page', async () => {
    const { temporal, answers } = await openRun(page.context());
    await temporal.getByText('Thank the customer').first().waitFor();
    await temporal.getByText('ada.lovelace@example.com').first().waitFor();
    expect(new Set(answers)).toEqual(new Set([200]));
    await temporal.getByRole('tab', { name: 'User Metadata' }).click();
    await temporal.frameLocator('iframe').nth(0).getByText('Thank good customers · v1').waitFor();
    const home = temporal.frameLocator('iframe').nth(1).getByRole('link', { name: 'Open this run in Everwave' });
    expect(await home.getAttribute('href')).toBe(page.url());
    await temporal.close();
  });

  it('shows a stranger neither titles nor values', async () => {
    const stranger = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
    const { temporal, answers } = await openRun(stranger);
    await temporal.getByRole('button', { name: 'Codec Server could not connect' }).waitFor();
    await temporal.getByText('email.send@1').first().waitFor();
    expect(new Set(answers)).toEqual(new Set([401]));
    for (const hidden of ['ada.lovelace@example.com', 'Thank the customer']) {
      expect(await temporal.getByText(hidden).count()).toBe(0);
    }
    await stranger.close();
  });

  it('finds runs by what Everwave knows of them', async () => {
    const temporal = await page.context().newPage();
    const find = (query: string) =>
      temporal.goto(`${new URL(link).origin}/namespaces/everwave/workflows?query=${encodeURIComponent(query)}`);
    await find('EverwaveStatus = "succeeded" AND EverwaveTrigger = "trigger.webhook" AND EverwaveFlowVersion = 1');
    await temporal.getByRole('link', { name: runId }).first().waitFor();
    await find('EverwaveStatus = "needs_attention"');
    await temporal.getByRole('heading', { name: 'No Results' }).waitFor();
    await temporal.close();
  });
});

it('gave the browser nothing to complain about', () => {
  expect(complaints).toEqual([]);
});

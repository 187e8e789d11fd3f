import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Run } from '@everwave/schema/api';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runIdSchema } from '@everwave/schema/ids';
import { idOf } from '../fake-api/ids.ts';
import { keepValue } from '../fake-api/keep-value.ts';
import { notable } from '../fake-api/stories.ts';
import { createWorld } from '../fake-api/world.ts';
import { launchBrowser } from './browser.ts';
import { type FakeStack, startFakeStack } from './stack.ts';
import { visit } from './visit.ts';

let browser: Browser;
let stack: FakeStack;
let context: BrowserContext;

interface Look {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
}

/** A signed-in page that fails the test on anything the browser complains about. */
const open = async (path: string, { theme = 'light', width = 1_440 }: Look = {}) => {
  context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await context.addCookies([{ name: 'fake_session', value: 'mara', url: stack.url }]);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const isOurs = request.url().startsWith(stack.url) || request.url().startsWith('data:image/');
    if (!isOurs) complaints.push(`foreign host: ${request.url()}`);
  });
  await visit(page, `${stack.url}${path}`);
  return { page, complaints };
};

const runPath = (which: keyof typeof notable): string => `/runs/${idOf('run', notable[which].name)}`;
const approvalPath = (subject: string): string => `/approvals/${idOf('apr', subject)}`;
const canvasIsDrawn = (page: Page) => page.locator('.flow-card').first().waitFor();

beforeAll(async () => {
  stack = await startFakeStack();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});
beforeEach(() => {
  stack.api.setWorld(createWorld({ now: Date.now(), webUrl: stack.url }));
  stack.api.setFault(null);
  stack.api.setStreams(true);
  return async () => context?.close();
});

describe('every page', () => {
  const paths = {
    home: '/',
    flows: '/workflows',
    flow: `/workflows/${idOf('flow', 'New order')}?node=thank`,
    draft: `/workflows/${idOf('flow', 'Refund request')}?drawing=draft`,
    runs: '/runs',
    'a parked run': runPath('unsure'),
    'a running run': runPath('running'),
    attention: '/attention',
    approvals: '/approvals',
    'all approvals': '/approvals?state=all',
    'an approval': approvalPath('Refund 48.00 € to Lena Vogt?'),
    'an approval for others': approvalPath('Close the books of October?'),
    'an approval that is over': approvalPath('Refund 19.50 € to Ivo Brandt?'),
    inbox: '/inbox',
    'an event that waits for others': `/inbox?open=${idOf('dlv', 'collecting')}`,
    insights: '/insights?days=30',
    connections: '/connections',
    settings: '/settings',
    roles: '/settings/roles',
    'a new role': '/settings/roles?new',
    variables: '/settings/variables',
    'a new variable': '/settings/variables?new=json',
    'API keys': '/settings/api-keys',
    'alert channels': '/settings/alerts',
    'a new alert channel': '/settings/alerts?new=webhook',
    'the audit log': '/settings/audit?verify',
    'sign in': '/sign-in',
    'not found': '/nowhere',
  } as const;

  it.each(Object.entries(paths))(
    '%s has no accessibility fault in light and wide, dark and narrow',
    async (_, path) => {
      for (const look of [{ theme: 'light' }, { theme: 'dark', width: 375 }] as const) {
        const { page, complaints } = await open(path, look);
        if (/flow_|run_/.test(path)) await canvasIsDrawn(page);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
        expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
        await context.close();
      }
    },
  );
});

describe('signing in', () => {
  it('sends a stranger to sign in, and on to the page that was asked for', async () => {
    const { page } = await open('/runs?view=failed');
    await context.clearCookies();
    await visit(page, `${stack.url}/runs?view=failed`);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await page.getByLabel('E-mail').fill('mara@hartwell.coffee');
    await page.getByLabel('Password').fill('a long enough password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/runs?view=failed');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
  });

  it('says that nothing matched without saying what', async () => {
    const { page } = await open('/sign-in');
    await page.getByLabel('E-mail').fill('mara@hartwell.coffee');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('That did not match').waitFor();
  });

  it('makes the first person the owner by the one-time link', async () => {
    stack.api.setWorld(createWorld({ now: Date.now(), webUrl: stack.url, isEmpty: true }));
    const { page } = await open('/setup?token=good-token');
    await context.clearCookies();
    await page.getByLabel('Your name').fill('Mara Lindqvist');
    await page.getByLabel('E-mail').fill('mara@hartwell.coffee');
    await page.getByLabel('Password').fill('a long enough password');
    await page.getByRole('button', { name: 'Set up Everwave' }).click();
    await page.getByRole('heading', { name: /everything is flowing/i }).waitFor();
    await page.getByText('Your first run is one command away').waitFor();
  });

  it('keeps what was typed when the link is wrong, and says what to do', async () => {
    stack.api.setWorld(createWorld({ now: Date.now(), webUrl: stack.url, isEmpty: true }));
    const { page } = await open('/setup?token=old-token');
    await page.getByLabel('Your name').fill('Mara');
    await page.getByLabel('E-mail').fill('mara@hartwell.coffee');
    await page.getByLabel('Password').fill('a long enough password');
    await page.getByRole('button', { name: 'Set up Everwave' }).click();
    await page.getByText('This link is wrong, was used, or is too old.').waitFor();
    expect(await page.getByLabel('Your name').inputValue()).toBe('Mara');
  });
});

describe('a run', () => {
  it('shows tokens and money of each step, and their sum at its head', async () => {
    const { page } = await open(runPath('priced'));
    await page.getByText('1,616 tokens in · 348 out · about $0.0056').waitFor();
    await visit(page, `${stack.url}${runPath('priced')}?step=draft`);
    const step = page.getByRole('region', { name: 'Step Draft an answer' });
    await step.getByText('1,204 tokens in · 310 out · about $0.0055').waitFor();
  });

  it('shows what happens on the canvas without a reload', async () => {
    const { page } = await open(runPath('running'));
    await canvasIsDrawn(page);
    await page.getByText('Live', { exact: true }).waitFor();
    const run = stack.api.world.runs.get(idOf('run', notable.running.name));
    if (!run) throw new Error('The world has no running run.');
    await page.evaluate(() => Object.assign(window, { notReloaded: true }));
    stack.api.world.runs.set(run.id, {
      ...run,
      status: 'succeeded',
      finishedAt: new Date().toISOString(),
      updatedAt: new Date().toISOString(),
      steps: run.steps.map((step) =>
        step.status === 'succeeded' || step.status === 'skipped' ? step : { ...step, status: 'succeeded' },
      ),
    });
    stack.api.announce(run.id);
    await page.locator('.flow-card', { hasText: /Tell the packers.*Done.*2 attempts/ }).waitFor();
    await page.getByText('Succeeded', { exact: true }).first().waitFor();
    expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
  });

  it('asks every few seconds when the stream of changes is refused', async () => {
    stack.api.setStreams(false);
    const { page } = await open(runPath('running'));
    await page.getByText('Every 4 s').waitFor();
    const run = stack.api.world.runs.get(idOf('run', notable.running.name));
    if (!run) throw new Error('The world has no running run.');
    stack.api.world.runs.set(run.id, { ...run, status: 'cancelled', finishedAt: new Date().toISOString() });
    await page.getByText('Cancelled', { exact: true }).first().waitFor({ timeout: 15_000 });
  });

  it('shows a step’s output as a tree whose places can be copied as expressions', async () => {
    const { page } = await open(`${runPath('succeeded')}?step=customer`);
    await page.getByText('ada.brandt@example.com').first().waitFor();
    await page.getByRole('button', { name: 'Copy the path steps.customer.output.body.tier', exact: true }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('{{ steps.customer.output.body.tier }}');
  });

  it.each([{ theme: 'light' }, { theme: 'dark', width: 375 }] as const)(
    'shows how a large output begins, without its content, and loads that when asked ($theme)',
    async (look) => {
      const { id: runId } = stack.api.world.runs.get(idOf('run', notable.succeeded.name)) ?? { id: '' };
      const value = { name: 'Ada', note: `${'x'.repeat(50_000)}the end` };
      keepValue(stack.api.world, { runId, path: 'customer', of: 'output', value });
      const { page, complaints } = await open(`/runs/${runId}?step=customer`, look);
      await canvasIsDrawn(page);
      const beginning = page.getByLabel('The beginning of the value');
      expect(await beginning.innerText()).toMatch(/^\{"name":"Ada","note":"x+$/);
      await page.getByText('50.0 KB. It begins like this:').waitFor();
      expect(await page.content()).not.toContain('the end');
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download as JSON' }).click(),
      ]);
      expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toEqual(value);
      const load = page.getByRole('button', { name: 'Load all' });
      await load.focus();
      await page.keyboard.press('Enter');
      await page.getByText('Ada').first().waitFor();
      await beginning.waitFor({ state: 'detached' });
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  it.each([{ theme: 'light' }, { theme: 'dark', width: 375 }] as const)(
    'lists the files that its steps made, and downloads them ($theme)',
    async (look) => {
      const { id: runId } = stack.api.world.runs.get(idOf('run', notable.succeeded.name)) ?? { id: '' };
      const sha256 = 'a'.repeat(64);
      const file = {
        name: `a-bill-with-a-very-long-name-${'x'.repeat(60)}.html`,
        mediaType: 'text/html',
        bytes: 48_213,
        sha256,
        runId: runIdSchema.parse(runId),
        path: 'customer',
        ordinal: 1,
        createdAt: new Date(0).toISOString(),
      };
      const content = '<script>document.title = "taken over"</script>';
      stack.api.world.files.splice(0, Infinity, { ofRun: runId, file, content });
      const { page, complaints } = await open(`/runs/${runId}`, look);
      await canvasIsDrawn(page);
      const files = page.getByRole('region', { name: 'Files' });
      await files.getByText('48.2 KB, text/html, by customer').waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
        0,
      );
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        files.getByRole('link', { name: file.name }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(file.name);
      expect(await readFile(await download.path(), 'utf8')).toBe(content);
      expect(await page.title()).not.toBe('taken over');
      expect(complaints).toEqual([]);
      const answer = await page.request.get(new URL(`/runs/${runId}/files/${sha256}`, page.url()).href);
      expect(answer.headers()).toMatchObject({
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
      });
    },
  );

  it('says why a large value could not be loaded', async () => {
    const { id: runId } = stack.api.world.runs.get(idOf('run', notable.succeeded.name)) ?? { id: '' };
    keepValue(stack.api.world, { runId, path: 'customer', of: 'output', value: { name: 'Ada' } });
    stack.api.world.keptValues.clear();
    const { page } = await open(`/runs/${runId}?step=customer`);
    await page.getByRole('button', { name: 'Load all' }).click();
    await page.getByText('The step customer has no output.').waitFor();
  });

  it('is walked with the keyboard, card by card', async () => {
    const { page } = await open(runPath('succeeded'));
    await canvasIsDrawn(page);
    await page.locator('.flow-card').first().focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/step=customer/);
    await page.getByRole('heading', { name: 'Look up the customer' }).waitFor();
  });

  it('retries a parked step with an edited input, once, after saying what that does', async () => {
    const { page } = await open(runPath('parked'));
    await page.getByRole('button', { name: 'Edit input' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It counts as a new effect').waitFor();
    await dialog.getByRole('tab', { name: 'JSON' }).click();
    const editor = dialog.getByRole('textbox', { name: 'Input' });
    await editor.fill('{ "channel": ');
    expect(await dialog.getByRole('button', { name: 'Retry with this input' }).isDisabled()).toBe(true);
    await editor.fill('{ "channel": "#packing" }');
    await dialog.getByRole('button', { name: 'Retry with this input' }).click();
    await page.getByText('“Tell the packers” runs again with your input.').waitFor();
    expect(await dialog.count()).toBe(0);
    await page.locator('.flow-card', { hasText: /Tell the packers.*Running.*3 attempts/ }).waitFor();
  });

  it('warns before retrying what may already have happened', async () => {
    const { page } = await open(runPath('unsure'));
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    await page.getByRole('dialog').getByText('This may happen twice').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it.each([
    ['Complete by hand', 'Complete the step', 'is complete'],
    ['Skip', 'Skip the step', 'is skipped'],
    ['Fail run', 'Fail the run', 'The run has failed.'],
    ['Cancel run', 'Cancel the run', 'is being cancelled'],
  ])('offers “%s” and says that it was done', async (open_, confirm, done) => {
    const { page } = await open(runPath('parked'));
    await page.getByRole('button', { name: open_, exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: confirm }).click();
    await page.getByText(done).first().waitFor();
  });

  it('runs a run again as a new one that names the old one, and shows a refusal in place', async () => {
    const { page } = await open(runPath('parked'));
    await page.getByRole('button', { name: 'Run again' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This run is still open').waitFor();
    await dialog.getByRole('combobox', { name: 'Version' }).selectOption('live');
    await dialog.getByRole('button', { name: 'Start a new run' }).click();
    await dialog.getByText('Activate the flow before you run it.').waitFor();
    await dialog.getByRole('combobox', { name: 'Version' }).selectOption('same');
    await dialog.getByRole('button', { name: 'Start a new run' }).click();
    await page.waitForURL((url) => url.pathname !== runPath('parked'));
    await page.getByRole('link', { name: 'an earlier run' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('starts a run again from a step, once what would happen again is ticked', async () => {
    const { page } = await open(runPath('parked'));
    await page.getByRole('button', { name: 'Start again from here' }).click();
    const dialog = page.getByRole('dialog');
    const start = dialog.getByRole('button', { name: 'Start a new run' });
    const tick = dialog.getByRole('checkbox');
    await tick.waitFor();
    expect(await start.isDisabled()).toBe(true);
    await dialog.getByText('it ends, and the new one goes on in its place').waitFor();
    await tick.check();
    await start.click();
    await page.waitForURL((url) => url.pathname !== runPath('parked'));
    await page.getByRole('link', { name: 'an earlier run' }).click();
    await page.getByRole('link', { name: /^Started again from/ }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it.each([
    ['around', 'announce/'],
    ['alone', ''],
  ] as const)('starts a sub-flow again %s, when that was chosen last', async (scope, prefix) => {
    for (const look of [{}, { theme: 'dark', width: 375 }] as const) {
      stack.api.setWorld(createWorld({ now: Date.now(), webUrl: stack.url }));
      const parent = stack.api.world.runs.get(idOf('run', notable.waiting.name));
      const child = stack.api.world.runs.get(idOf('run', notable.parked.name));
      if (!parent || !child) throw new Error('The world lacks a run.');
      const step = { runId: parent.id, path: 'announce', ordinal: 1, waits: true };
      stack.api.world.runs.set(child.id, { ...child, parent: step });
      const { page, complaints } = await open(`/runs/${child.id}`, look);
      await page.getByRole('button', { name: 'Start again from here' }).click();
      const dialog = page.getByRole('dialog');
      const choice = dialog.getByRole('combobox', { name: 'This run is a sub-flow' });
      const tick = dialog.getByRole('checkbox');
      const start = dialog.getByRole('button', { name: 'Start a new run' });
      expect(await choice.inputValue()).toBe('around');
      await tick.check();
      await start.and(page.locator(':enabled')).waitFor();
      await choice.selectOption('alone');
      // What was accepted of the flow around it is not accepted of the run alone.
      expect(await start.isDisabled()).toBe(true);
      expect(await tick.isChecked()).toBe(false);
      if (scope === 'around') await choice.selectOption('around');
      await tick.check();
      const { violations } = await new AxeBuilder({ page }).include('[role="dialog"]').analyze();
      expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
      await start.click();
      await page.waitForURL((url) => url.pathname.startsWith('/runs/') && url.pathname !== `/runs/${child.id}`);
      const again = [...stack.api.world.runs.values()].find(({ forkOfRunId }) => forkOfRunId !== null);
      expect(again?.forkOfRunId).toBe(scope === 'around' ? parent.id : child.id);
      expect(again?.forkAt).toMatch(new RegExp(`^${prefix}\\w+$`));
      expect(new URL(page.url()).pathname).toBe(`/runs/${again?.id}`);
      expect(complaints).toEqual([]);
      await context.close();
    }
  });

  it('offers each version with the verdict of the run, and says step by step why one does not fit', async () => {
    for (const look of [{}, { theme: 'dark', width: 375 }] as const) {
      const { page } = await open(runPath('parked'), look);
      await page.getByRole('button', { name: 'Change version' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('is set up differently in version 9').waitFor();
      expect(await dialog.getByRole('radio', { name: /^Version 9, live \(does not fit/ }).isDisabled()).toBe(true);
      expect(await dialog.getByRole('radio', { name: /^Version 2 \(fits/ }).isChecked()).toBe(true);
      expect(await dialog.getByRole('button', { name: 'Change the version' }).isEnabled()).toBe(true);
      const { violations } = await new AxeBuilder({ page }).include('[role="dialog"]').analyze();
      expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
      await context.close();
    }
  });

  it('offers no repair to those who may only look', async () => {
    stack.api.setWorld(createWorld({ now: Date.now(), webUrl: stack.url, role: 'viewer' }));
    const { page } = await open(runPath('parked'));
    await page.getByText('Your role can look at this run but not repair it.').waitFor();
    expect(
      await page.getByRole('button', { name: /^(Cancel run|Run again|Change version|Start again from here)$/ }).count(),
    ).toBe(0);
  });
});

describe('lists', () => {
  it('keeps the filter of the runs in the address', async () => {
    const { page } = await open('/runs');
    await page.getByRole('link', { name: 'Failed', exact: true }).click();
    await page.waitForURL('**/runs?view=failed');
    await page.getByRole('combobox', { name: 'Flow' }).selectOption({ label: 'Nightly price list' });
    await page.waitForURL(/view=failed.*flow=flow_/);
    const rows = page.getByRole('list', { name: 'Runs' }).getByRole('listitem');
    await expect
      .poll(async () => new Set(await rows.getByText(/^(Failed|Succeeded)$/).allTextContents()))
      .toEqual(new Set(['Failed']));
    await page.goBack();
    expect(page.url()).toBe(`${stack.url}/runs`);
  });

  it('moves through rows with the arrow keys and opens one with Enter', async () => {
    const { page } = await open('/runs');
    const rows = page.locator('[data-row]');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowUp');
    expect(await rows.nth(1).evaluate((row) => row === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/runs\/run_/);
  });

  it('pages to older runs and back to the newest', async () => {
    const { page } = await open('/runs');
    await page.getByRole('link', { name: 'Older runs' }).click();
    await page.waitForURL(/cursor=/);
    await page.getByRole('link', { name: 'Newest runs' }).click();
    await page.waitForURL((url) => !url.search.includes('cursor'));
  });

  it('leads from what waits for a person to its step', async () => {
    const { page } = await open('/attention');
    await page.getByRole('link', { name: /Not in channel/ }).click();
    await page.waitForURL(/\/attention\/[0-9a-f]{64}/);
    await page.getByRole('list', { name: 'Steps' }).getByRole('link').first().click();
    await page.getByRole('link', { name: 'Open the run' }).click();
    await page.waitForURL(/step=announce/);
    await page.getByText('Gave up after 3 attempts, and waits for you').waitFor();
  });

  it('replays an event that was held', async () => {
    const { page } = await open('/inbox?view=held');
    await page.getByRole('button', { name: 'Replay' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Start one run' }).click();
    await page.getByText('The event starts a run of Refund request.').waitFor();
  });

  it('turns a flow off, and says where its events go', async () => {
    const { page } = await open('/workflows');
    await page.getByRole('switch', { name: 'New order takes new events' }).click();
    await page.getByText('New order is off. New deliveries wait in the inbox; open runs go on.').waitFor();
    expect(await page.getByRole('switch', { name: 'New order takes new events' }).getAttribute('aria-checked')).toBe(
      'false',
    );
  });

  it('starts a flow with an input and goes to its run', async () => {
    const { page } = await open('/workflows');
    await page.getByRole('button', { name: 'Run New order now' }).click();
    await page.getByRole('textbox', { name: 'Input' }).fill('{"orderId":"A-1"}');
    await page.getByRole('button', { name: 'Start the run' }).click();
    await page.waitForURL(/\/runs\/run_/);
  });
});

describe('connections and keys', () => {
  it('makes a connection by a form that its kind asks for, and never shows the secret again', async () => {
    const { page } = await open('/connections');
    await page.getByRole('button', { name: 'New connection' }).click();
    await page.getByRole('button', { name: /Slack bot/ }).click();
    await page.getByLabel('Name').fill('Second Slack');
    expect(await page.getByLabel('Bot token').getAttribute('type')).toBe('password');
    await page.getByLabel('Bot token').fill('xoxb-canary-1234');
    await page.getByRole('button', { name: 'Create connection' }).click();
    await page.getByText('Second Slack is ready.').waitFor();
    await page.reload();
    expect(await page.content()).not.toContain('xoxb-canary-1234');
    await page.getByRole('button', { name: 'Edit Second Slack' }).click();
    await page.getByText('The secret is set and stays as it is.').waitFor();
  });

  it('asks for the secret again, in its own field, when the settings say where else it would go', async () => {
    const { page } = await open('/connections');
    await page.getByRole('button', { name: 'Edit Hartwell mail' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The secret is set and stays as it is.').waitFor();
    await dialog.getByLabel('Host').fill('smtp.elsewhere.example');
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await dialog.getByRole('alert').getByText('with other settings it may go somewhere else').waitFor();
    const password = dialog.getByLabel('Password');
    await password.waitFor();
    expect(await password.evaluate((field) => field === document.activeElement)).toBe(true);
    await dialog
      .getByRole('group', { name: 'Secret' })
      .getByText('Enter it again, since the settings changed.')
      .waitFor();
    expect(await dialog.getByLabel('Host').inputValue()).toBe('smtp.elsewhere.example');
    await page.keyboard.type('another password');
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Hartwell mail is changed.').waitFor();
    const changed = stack.api.world.connections.find(({ name }) => name === 'Hartwell mail');
    expect(changed?.settings['host']).toBe('smtp.elsewhere.example');
  });

  it('keeps the secret when the settings stay as they are', async () => {
    const { page } = await open('/connections');
    await page.getByRole('button', { name: 'Edit Hartwell mail' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Post office');
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Post office is changed.').waitFor();
  });

  it('shows a new key once', async () => {
    const { page } = await open('/settings/api-keys');
    await page.getByRole('button', { name: 'New key', exact: true }).click();
    await page.getByLabel('Name').fill('Nightly report');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('ew_7Hd3mK0pQ2vX9sLw4TzB6nYc8RfJ1gUa').waitFor();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.reload();
    await page.getByText('Nightly report').waitFor();
    expect(await page.content()).not.toContain('ew_7Hd3mK0pQ2vX9sLw4TzB6nYc8RfJ1gUa');
  });
});

describe('when something is wrong', () => {
  it('says what, why, what next, and under which request id', async () => {
    stack.api.setFault({ status: 503, code: 'database_unavailable' });
    const { page } = await open('/runs');
    await page.getByText('The database does not answer. Everything that was accepted is safe.').waitFor();
    await page.getByText(/request [\w-]{8,}/).waitFor();
    stack.api.setFault(null);
    await page.getByRole('link', { name: 'Reload' }).click();
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
  });

  it('tells a missing permission from a failure', async () => {
    stack.api.setFault({ status: 403, code: 'not_allowed' });
    const { page } = await open('/connections');
    await page.getByRole('heading', { name: 'Your role does not include this page' }).waitFor();
  });

  it('refuses a form that another site sends', async () => {
    const reply = await fetch(`${stack.url}/workflows`, {
      method: 'POST',
      headers: { origin: 'https://evil.example', cookie: 'fake_session=mara' },
      body: new URLSearchParams({ flowId: idOf('flow', 'New order'), on: 'false' }),
    });
    expect(reply.status).toBe(403);
    expect([...stack.api.world.flows.values()].find((flow) => flow.name === 'New order')?.status).toBe('active');
  });

  it('runs no script that a value carries', async () => {
    const run = stack.api.world.runs.get(idOf('run', notable.parked.name));
    if (!run) throw new Error('The world has no parked run.');
    const attack = '</script><img src=x onerror="window.hacked=1"><svg onload="window.hacked=1">{{constructor}}';
    stack.api.world.runs.set(run.id, {
      ...run,
      flowName: attack,
      failure: { name: attack, message: attack },
      steps: run.steps.map((step) => ({
        ...step,
        title: attack,
        input: { [attack]: attack },
        failure: step.failure && { name: attack, message: attack, advice: attack },
      })),
      logs: run.logs.map((line) => ({ ...line, message: attack })),
    });
    const { page, complaints } = await open(runPath('parked'));
    await canvasIsDrawn(page);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(complaints).toEqual([]);
  });
});

describe('insights', () => {
  it('are reached from the rail, told as figures and words, and narrowed to a flow by a click', async () => {
    const { page, complaints } = await open('/');
    await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Insights' }).click();
    await page.getByRole('heading', { level: 1, name: 'Insights' }).waitFor();
    await page.getByRole('link', { name: '30 days' }).click();
    await page.waitForURL('**/insights?days=30');
    const chart = page.getByRole('region', { name: 'Runs by day' }).getByRole('listitem');
    await expect.poll(() => chart.count()).toBeGreaterThanOrEqual(30);
    const runs = [...stack.api.world.runs.values()].filter((run) => run.flowName === 'New order');
    const flows = page.getByRole('region', { name: 'Flows' });
    await flows.getByText(`${runs.length} runs`).waitFor();
    await flows.getByRole('link', { name: 'New order' }).click();
    await page.getByRole('heading', { level: 1, name: 'Insights · New order' }).waitFor();
    expect(await page.getByRole('region', { name: 'Flows' }).count()).toBe(0);
    await page.getByRole('link', { name: 'All flows' }).click();
    await flows.waitFor();
    expect(complaints).toEqual([]);
  });

  it('say what will stand there before anything has run, and survive an address made by hand', async () => {
    stack.api.setWorld(createWorld({ now: Date.now(), webUrl: stack.url, isEmpty: true }));
    const { page } = await open('/insights?days=never');
    await page.getByText('No runs in this time').waitFor();
  });
});

describe('settings', () => {
  it('tell whether what the installation needs is there, to those who operate it', async () => {
    const { page } = await open('/settings');
    const status = page.getByRole('region', { name: 'Status' });
    await status.getByText('Everything answers.').waitFor();
    await status.getByText('everwave-worker-roastery-4711').waitFor();
  });
});

describe('alert channels', () => {
  const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });

  it('are made, tried, muted, changed and deleted; what is wrong is said at the form', async () => {
    const { page, complaints } = await open('/settings');
    await page.getByRole('link', { name: 'Alert channels' }).click();
    await page.getByRole('link', { name: 'Add Webhook' }).click();
    await page.getByLabel('Name').fill('Night shift');
    await page.getByLabel('Address').fill('https://hooks.example.com/night');
    await page.getByLabel('Signing secret').fill('too short');
    await page.getByRole('button', { name: 'Add the channel' }).click();
    await page.getByRole('alert').getByText('A signing secret is whsec_').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Night shift');
    await page.getByLabel('Signing secret').fill('');
    await page.getByRole('button', { name: 'Add the channel' }).click();
    await page.getByRole('status').getByText('Night shift will be told').waitFor();
    await page.getByText(/^whsec_/).waitFor();
    await page.getByRole('button', { name: 'Send a test to Night shift' }).click();
    await row(page, 'Night shift').getByText('1 on the way').waitFor();
    await row(page, 'Night shift').getByText('Last told').waitFor();
    expect(await page.getByText(/^whsec_/).count()).toBe(0);
    await page.getByRole('button', { name: 'Mute Night shift' }).click();
    await row(page, 'Night shift').getByText('Muted', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Edit Night shift' }).click();
    await page.getByLabel('Name').fill('Early shift');
    await page.getByLabel('Quiet time').selectOption('6 hours');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await row(page, 'Early shift').getByText('quiet for 6 hours').waitFor();
    await row(page, 'Early shift').getByText('Delete').first().click();
    await row(page, 'Early shift').getByRole('button', { name: 'Delete the channel' }).click();
    await page.getByText('Early shift is deleted').waitFor();
    expect(stack.api.world.alertChannels.map(({ name }) => name)).not.toContain('Early shift');
    expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
  });

  it('are for those who may manage them', async () => {
    stack.api.setWorld(createWorld({ now: Date.now(), webUrl: stack.url, role: 'operator' }));
    const { page } = await open('/settings');
    expect(await page.getByRole('link', { name: 'Alert channels' }).count()).toBe(0);
    await visit(page, `${stack.url}/settings/alerts`);
    await page.getByText('This needs the permission alerts:manage.').waitFor();
  });
});

describe('a page whose code is still on its way', () => {
  it('does what a button was clicked for once it can, once', async () => {
    const { page, complaints } = await open('/');
    const gate = Promise.withResolvers<void>();
    await page.route('**/assets/*.js', async (route) => {
      await gate.promise;
      await route.continue();
    });
    await page.goto(`${stack.url}/connections`, { waitUntil: 'commit' });
    const button = page.getByRole('button', { name: 'New connection' });
    await button.click();
    await button.click();
    expect(await button.getAttribute('aria-busy')).toBe('true');
    expect(await page.getByRole('dialog').count()).toBe(0);
    gate.resolve();
    await page.getByRole('dialog').getByText('Which service should your flows reach?').waitFor();
    expect(await page.locator('[aria-busy]').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('takes what a form says without any', async () => {
    await open('/');
    const bare = await browser.newContext({ javaScriptEnabled: false });
    await bare.addCookies([{ name: 'fake_session', value: 'mara', url: stack.url }]);
    const page = await bare.newPage();
    await page.goto(`${stack.url}${approvalPath('Refund 48.00 € to Lena Vogt?')}`);
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('Mara Lindqvist decided.').waitFor();
    await page.goto(`${stack.url}/settings/alerts`);
    await page.getByRole('button', { name: 'Mute #operations' }).click();
    await page.getByText('#operations is muted').waitFor();
    await page.goto(`${stack.url}/settings/alerts?new=slack`);
    await page.getByLabel('Name').fill('#kitchen');
    await page.getByLabel('Address').fill('https://hooks.slack.com/services/kitchen');
    await page.getByRole('button', { name: 'Add the channel' }).click();
    await page.getByText('#kitchen will be told').waitFor();
    await bare.close();
    expect(stack.api.world.alertChannels.map(({ name, isOn }) => [name, isOn])).toContainEqual(['#operations', false]);
  });
});

describe('a run whose queue no worker serves', () => {
  const waitsInVain = (): void => {
    const run = stack.api.world.runs.get(idOf('run', notable.running.name));
    if (!run) throw new Error('The world lacks a run.');
    stack.api.world.unservedQueues.push('code', 'flow');
    const steps = run.steps.map((step) =>
      step.status === 'running' ? { ...step, title: 'Resize the picture' } : step,
    );
    stack.api.world.runs.set(run.id, { ...run, steps });
  };

  it('says so, where it waits and what to do, until the run has ended', async () => {
    // Whoever may see the run is told, also those who may do nothing about it.
    for (const { role, ...look } of [{ role: 'owner' }, { role: 'viewer', theme: 'dark', width: 375 }] as const) {
      stack.api.setWorld(createWorld({ now: Date.now(), webUrl: stack.url, role }));
      waitsInVain();
      const { page, complaints } = await open(runPath('running'), look);
      await page.getByText('No worker serves the queue “flow”').waitFor();
      await page.getByText('Needed by “Resize the picture”, “Tell the packers”.').waitFor();
      // Nothing of this run waits on the other one.
      expect(await page.getByText('No worker serves the queue “code”').count()).toBe(0);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
      await visit(page, `${stack.url}${runPath('succeeded')}`);
      await canvasIsDrawn(page);
      expect(await page.getByText('No worker serves').count()).toBe(0);
      expect(complaints).toEqual([]);
      await context.close();
    }
  });
});

describe('a run with a loop over thousands of items', () => {
  const loopRun = (): Run => {
    const run = stack.api.world.runs.get(idOf('run', notable.succeeded.name));
    const [first] = run?.steps ?? [];
    const send = run?.graph.nodes.find(({ id }) => id === 'announce');
    if (!run || !first || !send) throw new Error('The world lacks a run or a step.');
    const each = { ...send, id: 'each', kind: 'control.forEach', title: 'Each order', input: { items: [] } };
    const step = (path: string, stepId: string, title: string, output: unknown) =>
      ({ ...first, path, stepId, title, attempts: 1, output }) as Run['steps'][number];
    const items = Array.from({ length: 2_500 }, (_, at) =>
      step(`each[${at}].announce`, 'announce', send.title, { told: `order ${at + 1}` }),
    );
    const trigger = run.graph.nodes.filter(({ kind }) => kind.startsWith('trigger.'));
    const nodes = [...trigger, each, { ...send, parent: 'each' }] as Run['graph']['nodes'];
    const edge = { id: 'e1', from: run.trigger.nodeId, to: 'each', port: 'out' } as Run['graph']['edges'][number];
    const steps = [step('each', 'each', 'Each order', { count: 2_500 }), ...items];
    const changed = { ...run, graph: { ...run.graph, nodes, edges: [edge] }, steps, attempts: [], logs: [] };
    stack.api.world.runs.set(run.id, changed);
    return changed;
  };

  it('shows any iteration by its number, and says so of one that there is not', async () => {
    for (const look of [{}, { theme: 'dark', width: 375 }] as const) {
      const { id } = loopRun();
      const { page, complaints } = await open(`/runs/${id}?step=each[3].announce`, look);
      await canvasIsDrawn(page);
      // Only the first iterations are here: they are not told as if they were all.
      expect(await page.locator('.flow-card').getByText('50 of 50').count()).toBe(0);
      const inspector = page.getByRole('region', { name: 'Step Tell the packers' });
      await inspector.getByText('order 4', { exact: false }).first().waitFor();
      const choice = inspector.getByRole('combobox', { name: 'Iteration', exact: true });
      expect(await choice.getByRole('option').count()).toBe(50);
      const number = inspector.getByRole('spinbutton', { name: 'or number' });
      await number.fill('2345');
      await inspector.getByRole('button', { name: 'Show' }).click();
      await inspector.getByText('order 2345', { exact: false }).first().waitFor();
      expect(new URL(page.url()).searchParams.get('step')).toBe('each[2344].announce');
      expect(await choice.inputValue()).toBe('each[2344].announce');
      expect(await choice.getByRole('option').count()).toBe(51);
      await number.fill('9999');
      await number.press('Enter');
      await inspector.getByText('has not come to this step in iteration 9999').waitFor();
      expect(await choice.inputValue()).toBe('each[9998].announce');
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      // Enter has not taken the keyboard from the field.
      expect(await number.evaluate((field) => field === document.activeElement)).toBe(true);
      await choice.selectOption('each[7].announce');
      await inspector.getByText('order 8', { exact: false }).first().waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    }
  });
});

describe('a run with a sub-flow and an undo step', () => {
  it('leads to the run that it started and back, and shows what undoes what', async () => {
    const parent = stack.api.world.runs.get(idOf('run', notable.parked.name));
    const child = stack.api.world.runs.get(idOf('run', notable.waiting.name));
    const [node] = parent?.graph.nodes.filter(({ id }) => id === 'thank') ?? [];
    if (!parent || !child || !node) throw new Error('The world lacks a run or a step.');
    const undo = { ...node, id: 'recall' as typeof node.id, title: 'Recall the e-mail' };
    const undoing = { id: 'undo', from: node.id, to: undo.id, port: 'compensate' };
    stack.api.world.runs.set(parent.id, {
      ...parent,
      graph: { ...parent.graph, nodes: [...parent.graph.nodes, undo], edges: [...parent.graph.edges, undoing] },
      children: [
        { path: 'announce', ordinal: 1, runId: child.id, flowName: child.flowName, status: 'waiting', waitedFor: true },
      ],
    });
    stack.api.world.runs.set(child.id, {
      ...child,
      parent: { runId: parent.id, path: 'announce', ordinal: 1, waits: true },
    });
    for (const look of [{}, { theme: 'dark', width: 375 }] as const) {
      const { page, complaints } = await open(`/runs/${parent.id}?step=announce`, look);
      await canvasIsDrawn(page);
      await page.locator('.flow-wire-undo').first().waitFor({ state: 'attached' });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    }
    const { page } = await open(`/runs/${parent.id}?step=recall`);
    await page.getByText(`undoes ${node.title}`).waitFor();
    await visit(page, `${stack.url}/runs/${parent.id}?step=announce`);
    await page.getByRole('link', { name: `Open the run of ${child.flowName}` }).click();
    await page.waitForURL(`**/runs/${child.id}`);
    await page.getByText('Sub-flow of').waitFor();
    await page.getByRole('link', { name: 'another run' }).click();
    await page.waitForURL(`**/runs/${parent.id}?step=announce`);
  });
});

describe('approvals', () => {
  const lena = 'Refund 48.00 € to Lena Vogt?';

  it('are answered on a telephone: from the list to the form, with what was wrong at its field', async () => {
    const { page, complaints } = await open('/approvals', { width: 375 });
    await page.getByRole('link', { name: lena }).click();
    await page.getByRole('heading', { name: lena }).waitFor();
    await page.getByText('She has sent two photos.').waitFor();
    await page.getByLabel('Reason').selectOption('Broken');
    await page.getByLabel('Amount in euro').fill('60');
    await page.getByLabel('Pay until').fill('2026-12-24');
    await page.getByLabel('She sends it back').check();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('alert').getByText('Amount in euro must be at most 48.').first().waitFor();
    expect(await page.getByLabel('Amount in euro').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Amount in euro').fill('48');
    await page.getByLabel('Comment').fill('Photos seen.');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Mara Lindqvist decided.').waitFor();
    expect(stack.api.world.approvals[0]).toMatchObject({
      status: 'approved',
      answers: [
        {
          decision: 'approved',
          comment: 'Photos seen.',
          values: { reason: 'Broken', amount: 48, payBy: '2026-12-24', sendBack: true },
        },
      ],
    });
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
  });

  it('are sent to one person by a link, which is shown once, seen to be open or used, and revoked', async () => {
    const { page, complaints } = await open(approvalPath(lena));
    const links = page.getByRole('region', { name: 'Links' });
    await links.getByLabel('For').fill('stranger@example.com');
    await links.getByRole('button', { name: 'Make a link' }).click();
    await links.getByRole('alert').getByText('is no member of your org who may answer').waitFor();
    await links.getByLabel('For').fill('tom@hartwell.coffee');
    await links.getByRole('button', { name: 'Make a link' }).click();
    await links.getByText('/approvals/link/made-just-now').waitFor();
    await links.getByRole('button', { name: 'Revoke the link for tom@hartwell.coffee' }).click();
    await links.getByText('The link for tom@hartwell.coffee leads nowhere any more').waitFor();
    await links.getByRole('button', { name: /^Revoke/ }).waitFor({ state: 'detached' });
    expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
    await visit(page, `${stack.url}${approvalPath('Refund 310.00 € to Café Sol?')}`);
    await links.getByText('Used up').waitFor();
  });

  it('are rejected without filling in the form', async () => {
    const { page } = await open(approvalPath(lena));
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('Rejected').first().waitFor();
    expect(stack.api.world.approvals[0]).toMatchObject({ status: 'rejected', answers: [{ values: {} }] });
  });

  it('say who was faster', async () => {
    const { page } = await open(approvalPath(lena));
    // Once the page's own first reload is over, it knows no better than what it shows.
    await page.waitForTimeout(1_500);
    const [first] = stack.api.world.approvals;
    if (!first) throw new Error('There is no approval.');
    const at = new Date().toISOString();
    const answer = {
      decision: 'approved' as const,
      by: { id: 'user_tom', name: 'Tom Okafor' },
      at,
      comment: null,
      values: {},
    };
    const taken = { status: 'approved' as const, answers: [answer], mayAnswer: false, closedAt: at };
    stack.api.world.approvals.splice(0, 1, { ...first, ...taken });
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByRole('alert').getByText('This was approved by Tom Okafor already.').first().waitFor();
    await page.getByText('Tom Okafor decided.').waitFor();
  });

  it.each([
    ['Refund 310.00 € to Café Sol?', 'You have answered'],
    ['Close the books of October?', 'This question is for others'],
    ['Send the newsletter now?', 'Nobody answered in time'],
  ])('%s: %s', async (subject, words) => {
    const { page } = await open(approvalPath(subject));
    await page.getByText(words).waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  it('open from a link once signed in, and from the address that a step knows', async () => {
    const { page } = await open('/');
    await context.clearCookies();
    await visit(page, `${stack.url}/approvals/link/good-link`);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await page.getByLabel('E-mail').fill('mara@hartwell.coffee');
    await page.getByLabel('Password').fill('a long enough password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: lena }).waitFor();
    expect(new URL(page.url()).searchParams.get('link')).toBe('good-link');
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('Mara Lindqvist decided.').waitFor();
    await visit(page, `${stack.url}/approvals/link/good-link`);
    await page.getByText('This link has been used.').waitFor();

    await visit(page, `${stack.url}/runs/${idOf('run', lena)}/approvals/ask`);
    await page.getByRole('heading', { name: lena }).waitFor();
    await visit(page, `${stack.url}/runs/${idOf('run', 'none')}/approvals/ask`);
    await page.getByText('Nobody has been asked here yet').waitFor();
  });

  it('are counted in the navigation', async () => {
    const { page } = await open('/');
    await page.getByRole('link', { name: 'Approvals 1 waiting' }).waitFor();
  });
});

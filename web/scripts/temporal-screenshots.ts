import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { flowSchema, startedRunSchema } from '@everwave/schema/api';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../tests/e2e/browser.ts';
import { type ProductStack, startProductStack } from '../tests/e2e/product.ts';
import { becomeOwner, failSlackOnce, runIs, runOfOrder, temporalLinkOf } from '../tests/e2e/sample.ts';
import { visit } from '../tests/e2e/visit.ts';

/** Pictures of the real Temporal UI over the real product, for docs/operate-a-run.md. */

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(import.meta.dirname, '..', '..', 'docs', 'images') } },
});

const approvalGraph = {
  nodes: [
    { id: 'start', kind: 'trigger.manual', title: 'Refund is asked for' },
    {
      id: 'decide',
      kind: 'control.approval',
      title: 'Refund 48.00 € to Lena Vogt?',
      input: { message: 'Order A-1042 arrived broken.' },
    },
    { id: 'done', kind: 'control.return', title: 'Answer', input: { output: '{{ steps.decide.output.decision }}' } },
  ],
  edges: [
    { id: 'e1', from: 'start', to: 'decide' },
    { id: 'e2', from: 'decide', to: 'done', port: 'approved' },
  ],
};

const listColumns = ['Status', 'EverwaveStatus', 'EverwaveFailingStep', 'EverwaveFailure', 'Workflow ID'].map(
  (label) => ({ label }),
);

/** Starts a run that waits for an answer; returns the address of its page. */
const askForApproval = async (context: BrowserContext, { url }: ProductStack): Promise<string> => {
  const post = async (path: string, data: object): Promise<unknown> => {
    const reply = await context.request.post(`${url}/v1${path}`, { data, headers: { origin: url } });
    if (!reply.ok()) throw new Error(`${path} answered ${reply.status()}: ${await reply.text()}`);
    return reply.json();
  };
  const { id } = flowSchema.parse(await post('/flows', { name: 'Refund request', graph: approvalGraph }));
  await post(`/flows/${id}/publish`, {});
  return startedRunSchema.parse(await post(`/flows/${id}/runs`, { input: {} })).url;
};

/** Where the Temporal UI shows the run at this address, once it is in that state. */
const linkOnceIt = async (page: Page, url: string, words: string): Promise<string> => {
  await visit(page, url);
  await runIs(page, words);
  return temporalLinkOf(page);
};

const save = async (page: Page, name: string): Promise<void> => {
  await page.waitForTimeout(1_000);
  const session = await page.context().newCDPSession(page);
  // WebP, which Playwright does not write: a third of a PNG.
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 70 });
  const file = join(values.out, `temporal-${name}.webp`);
  await writeFile(file, Buffer.from(data, 'base64'));
  process.stdout.write(`${file}\n`);
};

const takeAll = async (browser: Browser, stack: ProductStack): Promise<void> => {
  const look = { viewport: { width: 1_280, height: 800 }, reducedMotion: 'reduce' as const };
  const context = await browser.newContext(look);
  const page = await context.newPage();
  await becomeOwner(page, stack);
  const succeeded = await linkOnceIt(page, (await runOfOrder(stack, 'A-1041')).url, 'Succeeded');
  await failSlackOnce(stack);
  const parked = await linkOnceIt(page, (await runOfOrder(stack, 'A-1042')).url, 'Needs attention');
  const waiting = await linkOnceIt(page, await askForApproval(context, stack), 'Waiting');
  const home = `${new URL(succeeded).origin}/namespaces/everwave`;

  const temporal = await context.newPage();
  await temporal.addInitScript((columns) => {
    // The list's columns are each browser's own; a person sets them with the wheel below the list.
    localStorage.setItem('namespace-workflow-table-columns', JSON.stringify({ everwave: columns }));
  }, listColumns);
  await temporal.goto(`${home}/workflows?query=${encodeURIComponent('EverwaveTrigger != "none"')}`);
  await temporal.getByText('not_in_channel').first().waitFor();
  await save(temporal, 'list');
  for (const [name, link] of [
    ['run', succeeded],
    ['parked', parked],
  ] as const) {
    await temporal.goto(link);
    await temporal.getByText('Event History').first().scrollIntoViewIfNeeded();
    await temporal.getByText('Thank the customer').first().waitFor();
    await temporal.getByRole('heading', { name: 'Event History' }).evaluate((element) => element.scrollIntoView());
    await save(temporal, name);
  }
  for (const [name, link, next] of [
    ['parked-details', parked, 'Repair it in Everwave'],
    ['approval-details', waiting, 'Answer it in Everwave'],
  ] as const) {
    await temporal.goto(link);
    await temporal.getByRole('tab', { name: 'User Metadata' }).click();
    await temporal.frameLocator('iframe').nth(1).getByRole('link', { name: 'Open this run in Everwave' }).waitFor();
    // Summary, details and current details, in that order. The UI asks for the last again when it is told to.
    await temporal.keyboard.press('r');
    await temporal.frameLocator('iframe').nth(2).getByRole('link', { name: next }).waitFor();
    await save(temporal, name);
  }
  await temporal.goto(parked);
  await temporal.getByRole('button', { name: 'More Actions' }).click();
  await temporal.getByRole('menuitem', { name: 'Reset' }).first().click();
  await save(temporal, 'reset');

  const stranger = await browser.newContext(look);
  for (const [name, session] of [
    ['signed-in', context],
    ['signed-out', stranger],
  ] as const) {
    const shown = await session.newPage();
    await shown.goto(succeeded);
    await shown.getByText('http.request@1').first().waitFor();
    await save(shown, name);
  }
};

await mkdir(values.out, { recursive: true });
const [stack, browser] = await Promise.all([startProductStack(), launchBrowser()]);
try {
  await takeAll(browser, stack);
} finally {
  await browser.close();
  await stack.close();
}

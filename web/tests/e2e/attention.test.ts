import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { idOf } from '../fake-api/ids.ts';
import { keepValue } from '../fake-api/keep-value.ts';
import type { WorldOptions } from '../fake-api/world.ts';
import { useFakeStack } from './use-fake-stack.ts';
import { visit } from './visit.ts';

const fake = useFakeStack();
let group: string;
let letter: string;

/** Three runs that wait for the same reason, and whatever else the world holds. */
const populate = (options: Partial<WorldOptions>): void => {
  fake.populate(options);
  const { world } = fake.stack.api;
  const first = world.deadLetters.find(({ failure }) => failure.name === 'not_in_channel');
  if (!first) return;
  for (const name of ['second', 'third']) world.deadLetters.push({ ...first, id: idOf('dead', name) });
  group = first.fingerprint;
  letter = first.id;
};
beforeEach(() => populate({}));

const open = (path: string, width = 1_440): Promise<Page> => fake.open(path, { width });
const dialog = (page: Page) => page.getByRole('dialog');

describe('attention', () => {
  it('leads by keyboard from a group to a step, and from there to its run', async () => {
    const page = await open('/attention');
    const row = page.getByRole('link', { name: /Not in channel.*3 runs|Not in channel/ }).first();
    await row.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/attention/${group}`);
    await page.getByRole('list', { name: 'Steps' }).getByRole('link').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/attention/letters/dead_*');
    await page.getByText('What the step was given').waitFor();
    await page.getByRole('link', { name: 'Open the run' }).click();
    await page.waitForURL(/\/runs\/run_.*step=/);
  });

  it('repairs a whole group after it has said in numbers what it will do, and shows how far it has come', async () => {
    const page = await open(`/attention/${group}`);
    await page.getByRole('button', { name: 'Retry all 3' }).click();
    await dialog(page).getByText('Runs 3 steps again in 3 runs').waitFor();
    await dialog(page).getByRole('button', { name: 'Retry in 3 runs' }).click();
    await page.getByText('Retry: 3 steps').waitFor();
    await page.getByText('Done', { exact: true }).waitFor();
    await page.getByText('Nothing of', { exact: false }).first().waitFor();
    expect(fake.stack.api.world.repairs).toMatchObject([{ action: 'retry', canary: true, doubtful: 'leave' }]);
  });

  it('sends only what was changed in the form, for every run', async () => {
    const page = await open(`/attention/${group}`);
    await page.getByRole('button', { name: 'Edit input' }).click();
    const repair = dialog(page).getByRole('button', { name: /^(Repair|Retry in)/ });
    expect(await repair.isDisabled()).toBe(true);
    await dialog(page).getByRole('button', { name: 'Say what it will do' }).click();
    await dialog(page).getByText('Change at least one field.').first().waitFor();
    await dialog(page).getByLabel('Channel').fill('#packing');
    await dialog(page).getByRole('button', { name: 'Say what it will do' }).click();
    await dialog(page).getByRole('button', { name: 'Retry in 3 runs' }).click();
    await page.getByText('Retry: 3 steps').waitFor();
    expect(fake.stack.api.world.repairs).toMatchObject([{ action: 'retry', edit: { channel: '#packing' } }]);
  });

  it('dismisses with a reason, keeps what was dismissed under a tab, and brings it back', async () => {
    const page = await open(`/attention/${group}`);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await dialog(page).getByLabel('Reason').fill('These were test orders.');
    await dialog(page).getByRole('button', { name: 'Dismiss 3 steps' }).click();
    await page.getByRole('link', { name: /Dismissed\s*3/ }).click();
    await page.waitForURL(/state=dismissed/);
    await page.getByText('These were test orders.').first().waitFor();
    await page.getByRole('button', { name: 'Bring 3 steps back' }).click();
    await page.getByRole('link', { name: /Waiting\s*3/ }).waitFor();
  });

  it('edits the input of one step in a form, and as JSON for whoever wants that', async () => {
    const page = await open(`/attention/letters/${letter}`);
    await page.getByRole('button', { name: 'Edit input' }).click();
    await dialog(page).getByLabel('Channel').fill('#packing');
    await dialog(page).getByRole('tab', { name: 'JSON' }).click();
    expect(await dialog(page).getByRole('textbox').inputValue()).toContain('"channel": "#packing"');
    await dialog(page).getByRole('button', { name: 'Retry with this input' }).click();
    await page.getByText(/runs again with your input/).waitFor();
  });

  describe('with an input that is kept outside of the run', () => {
    const text = `The beginning ${'x'.repeat(30_000)} and the end`;
    const template = '{"channel":"#orders","text":"{{ steps.report.output.text }}"}';
    const keep = (of: Partial<Parameters<typeof keepValue>[1]> = {}): void => {
      const { world } = fake.stack.api;
      for (const { runId, path } of world.deadLetters.filter(({ fingerprint }) => fingerprint === group)) {
        keepValue(world, { runId, path, of: 'input', value: { channel: '#orders', text }, ...of });
      }
    };

    it('shows how it begins, and loads all of it when asked', async () => {
      keep();
      const page = await open(`/attention/letters/${letter}`);
      const beginning = page.getByLabel('The beginning of the value');
      expect(await beginning.innerText()).toMatch(/^\{"channel":"#orders","text":"The beginning x+$/);
      expect(await page.getByText('It failed before its input was known.').count()).toBe(0);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
      await page.getByRole('button', { name: 'Load all' }).click();
      await page.getByText('channel').first().waitFor();
      await beginning.waitFor({ state: 'detached' });
    });

    it('has the whole input edited and sent, not what is shown of it', async () => {
      keep({ template });
      const page = await open(`/attention/letters/${letter}`);
      await page.getByText('this is the template it was made with').waitFor();
      await page.getByRole('button', { name: 'Edit input' }).click();
      await dialog(page).getByLabel('Channel').fill('#packing');
      await dialog(page).getByRole('tab', { name: 'JSON' }).click();
      expect(JSON.parse(await dialog(page).getByRole('textbox').inputValue())).toEqual({ channel: '#packing', text });
      await dialog(page).getByRole('button', { name: 'Retry with this input' }).click();
      await page.getByText(/runs again with your input/).waitFor();
    });

    it('is edited for the whole group, by what was changed alone', async () => {
      keep();
      const page = await open(`/attention/${group}`);
      await page.getByRole('button', { name: 'Edit input' }).click();
      await dialog(page).getByLabel('Channel').fill('#packing');
      await dialog(page).getByRole('button', { name: 'Say what it will do' }).click();
      await dialog(page).getByRole('button', { name: 'Retry in 3 runs' }).click();
      await page.getByText('Retry: 3 steps').waitFor();
      expect(fake.stack.api.world.repairs).toMatchObject([{ action: 'retry', edit: { channel: '#packing' } }]);
      expect(fake.stack.api.world.repairs[0]).not.toHaveProperty('edit.text');
    });

    it('says why one cannot be edited here, and what can be done', async () => {
      keep({ value: { channel: '#orders', text: 'x'.repeat(1_100_000) } });
      const page = await open(`/attention/letters/${letter}`);
      expect(await page.getByRole('button', { name: 'Load all' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Download as JSON' }).waitFor();
      await page.getByRole('button', { name: 'Edit input' }).click();
      await dialog(page).getByText('This input cannot be edited here').waitFor();
      expect(await dialog(page).getByRole('button', { name: 'Retry with this input' }).isDisabled()).toBe(true);
      await visit(page, `${fake.stack.url}/attention/${group}`);
      await page.getByRole('button', { name: 'Edit input' }).click();
      await dialog(page).getByText('This input cannot be edited here').waitFor();
      expect(await dialog(page).getByRole('button', { name: 'Say what it will do' }).isDisabled()).toBe(true);
    });
  });

  it('lets a viewer look, and offers nothing to do', async () => {
    populate({ role: 'viewer' });
    const page = await open(`/attention/${group}`);
    await page.getByText('Your role can look at this but not repair it.').waitFor();
    expect(await page.getByRole('button', { name: /Retry|Dismiss|Skip/ }).count()).toBe(0);
  });

  it('says so when there is nothing, when the role is too small, and when the group is gone', async () => {
    populate({ isEmpty: true });
    const page = await open('/attention');
    await page.getByText('Nothing waits for you').waitFor();
    await visit(page, `${fake.stack.url}/attention/${'0'.repeat(64)}`);
    await page.getByText('There is nothing at this address').waitFor();
    fake.stack.api.setFault({ status: 403, code: 'not_allowed' });
    await visit(page, `${fake.stack.url}/attention`);
    await page.getByText('Your role does not include this page').waitFor();
    fake.stack.api.setFault({ status: 503, code: 'database_unavailable' });
    await visit(page, `${fake.stack.url}/attention`);
    await page.getByText('Reload in a few seconds').waitFor();
  });

  it.each(['/attention', '/attention?state=dismissed', 'group', 'letter'])(
    '%s has no accessibility fault, wide or narrow',
    async (which) => {
      const path =
        which === 'group' ? `/attention/${group}` : which === 'letter' ? `/attention/letters/${letter}` : which;
      for (const width of [1_440, 375]) {
        const page = await open(path, width);
        if (which === 'group') {
          await page.getByRole('button', { name: 'Retry all 3' }).click();
          await dialog(page).getByText('Runs 3 steps again').waitFor();
        }
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
    },
  );
});

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { idOf } from '../fake-api/ids.ts';
import { useFakeStack } from './use-fake-stack.ts';
import { visit } from './visit.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const newOrder = idOf('flow', 'New order');
const slack = idOf('conn', 'slack');
const paths = {
  organisation: '/settings/limits',
  flow: `/workflows/${newOrder}/limits`,
  connection: `/connections/${slack}/limits`,
} as const;
const save = (page: Page) => page.getByRole('button', { name: 'Set the limits' }).click();
const isSet = (page: Page) => page.getByText('Set, and held to from now on').waitFor();
const section = (page: Page, name: string) => page.getByRole('region', { name });

describe('the pages of limits', () => {
  it.each(Object.entries(paths))(
    '%s: has no accessibility fault in light and dark, wide and narrow',
    async (name, path) => {
      for (const isEmpty of [false, true]) {
        populate({ isEmpty: isEmpty && name !== 'connection' });
        if (isEmpty) fake.stack.api.world.limits.connections.clear();
        for (const look of [{ theme: 'light' }, { theme: 'dark', width: 375 }] as const) {
          const page = await open(path, look);
          expect(await page.getByText('Nothing is limited').count()).toBe(isEmpty ? 1 : 0);
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow).toBeLessThanOrEqual(0);
        }
      }
    },
  );

  it('are found from the settings, the flow and the connection, and say how far they are used', async () => {
    const page = await open('/settings');
    await page.getByRole('link', { name: 'Limits of the organisation' }).click();
    await section(page, 'Runs of the organisation').getByText('7 of 50 running, 12 waiting').waitFor();
    await visit(page, `${fake.stack.url}/workflows/${newOrder}`);
    await section(page, 'Limits').getByText('5 of 5 running, 12 waiting').waitFor();
    await page.getByRole('link', { name: 'Limits of this flow' }).click();
    await section(page, 'Steps together').getByText('1 running, 3 waiting').waitFor();
    await visit(page, `${fake.stack.url}/connections`);
    await page.getByRole('link', { name: 'Limits of Roastery Slack' }).click();
    await section(page, 'Steps that use it').getByText('2 of 2 running, 3 waiting').waitFor();
  });

  it('show of themselves how the usage changes', async () => {
    const page = await open(paths.connection);
    const { limits } = fake.stack.api.world;
    const known = limits.connections.get(slack);
    if (!known) throw new Error('The world lacks a limit.');
    limits.connections.set(slack, { ...known, usage: { steps: { running: 1, waiting: 0 } } });
    await page.getByLabel('Steps at once', { exact: true }).fill('9');
    await page.getByText('1 of 2 running, 0 waiting').waitFor();
    expect(await page.getByLabel('Steps at once', { exact: true }).inputValue()).toBe('9');
  });

  it.each([true, false])('set what the organisation may, with script: %s', async (hasScript) => {
    const page = await open(paths.organisation, { hasScript });
    const runs = section(page, 'Runs of the organisation');
    await runs.getByLabel('Runs at once').fill('80');
    await runs.getByLabel('Runs that begin').fill('');
    const steps = section(page, 'Steps of the organisation');
    await steps.getByLabel('Steps that begin').fill('300');
    await steps.getByLabel('Within').fill('2');
    await steps.getByLabel('Unit').selectOption('minutes');
    await save(page);
    await isSet(page);
    expect(fake.stack.api.world.limits.org).toMatchObject({
      runs: { atOnce: 80, rate: null },
      eachFlow: { atOnce: 20, rate: null, whenFull: 'wait' },
      steps: { atOnce: null, rate: { count: 300, seconds: 120, burst: 2 } },
    });
    expect(await steps.getByLabel('Within').inputValue()).toBe('2');
  });

  it.each([true, false])(
    'say beside the field what is wrong and keep what was entered, with script: %s',
    async (hasScript) => {
      const page = await open(paths.flow, { hasScript });
      const runs = section(page, 'Runs');
      await runs.getByLabel('Runs at once').fill('');
      await runs.getByLabel('Runs that begin').fill('30');
      await runs.getByLabel('A run over the limit').selectOption('replace');
      await save(page);
      const field = runs.getByLabel('Runs at once');
      await runs.getByText('Say how many runs there may be at once').waitFor();
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await runs.getByLabel('Runs that begin').inputValue()).toBe('30');
      expect(await runs.getByLabel('A run over the limit').inputValue()).toBe('replace');
      expect(fake.stack.api.world.limits.flows.get(newOrder)?.runs).toEqual({
        atOnce: 5,
        rate: null,
        whenFull: 'wait',
      });
      await field.fill('3');
      await save(page);
      await isSet(page);
      expect(fake.stack.api.world.limits.flows.get(newOrder)?.runs).toEqual({
        atOnce: 3,
        rate: { count: 30, seconds: 1 },
        whenFull: 'replace',
      });
    },
  );

  it.each([true, false])('take a limit of one step away and set one of another, with script: %s', async (hasScript) => {
    const page = await open(paths.flow, { hasScript });
    await page.getByRole('radio', { name: 'As for each flow of the organisation: 20 at once' }).check();
    expect(await section(page, 'Runs').getByLabel('Runs at once').isVisible()).toBe(false);
    const known = page.getByRole('group', { name: 'Tell the packers' });
    for (const label of ['Steps at once', 'Steps that begin', 'Of these at once, after a pause']) {
      await known.getByLabel(label).fill('');
    }
    const added = page.getByRole('group', { name: 'A limit of one more step' });
    await added.getByLabel('Limit one more step').selectOption('Look up the customer');
    await added.getByLabel('Steps at once').fill('4');
    await save(page);
    await isSet(page);
    expect(fake.stack.api.world.limits.flows.get(newOrder)).toMatchObject({
      runs: null,
      nodes: { customer: { atOnce: 4, rate: null } },
    });
    expect(Object.keys(fake.stack.api.world.limits.flows.get(newOrder)?.nodes ?? {})).toEqual(['customer']);
    expect(
      await page.getByRole('group', { name: 'Look up the customer' }).getByLabel('Steps at once').inputValue(),
    ).toBe('4');
  });

  it('offer for a limit only steps that a worker executes', async () => {
    const page = await open(paths.flow);
    const offered = await page.getByLabel('Limit one more step').getByRole('option').allTextContents();
    expect(offered).toEqual(['choose a step', 'Look up the customer', 'Thank the customer']);
  });

  it('show those who may only look what is set, and let them set nothing', async () => {
    populate({ role: 'viewer' });
    for (const path of Object.values(paths)) {
      const page = await open(path, { theme: 'dark', width: 375 });
      await page.getByText('Your role can look at these limits but not set them').waitFor();
      expect(await page.getByRole('button', { name: 'Set the limits' }).count()).toBe(0);
      const numbers = page.getByRole('spinbutton');
      expect(await numbers.count()).toBeGreaterThan(2);
      for (const number of await numbers.all()) expect(await number.isDisabled()).toBe(true);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
    }
  });

  it('say that there is no such connection', async () => {
    const page = await open(`/connections/${idOf('conn', 'nowhere')}/limits`);
    await page.getByText('There is no such connection here.').waitFor();
  });
});

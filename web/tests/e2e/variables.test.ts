import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { idOf } from '../fake-api/ids.ts';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const page = '/settings/variables';
const row = (on: Page, name: string) => on.getByRole('listitem').filter({ has: on.getByText(name, { exact: true }) });
const known = (name: string) => fake.stack.api.world.variables.find((each) => each.name === name);
const save = (on: Page) => on.getByRole('button', { name: /^(Add|Save) the variable$/ }).click();

describe('the page of variables', () => {
  it.each([page, `${page}?new=boolean`, `${page}?edit=SUPPLIER_KEY`, `${page}?delete=SHIPPING_PRICES`])(
    '%s has no accessibility fault in light and dark, wide and narrow, and nothing to scroll sideways',
    async (path) => {
      for (const isEmpty of [false, true]) {
        populate({ isEmpty });
        for (const look of [{ theme: 'light' }, { theme: 'dark', width: 375 }] as const) {
          const on = await open(path, look);
          const { violations } = await new AxeBuilder({ page: on }).analyze();
          expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
          const overflow = await on.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow).toBeLessThanOrEqual(0);
        }
      }
    },
  );

  it('lists type, value, what each is for and which flows read it, and of a secret one no value', async () => {
    const on = await open('/settings');
    await on.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Variables' }).click();
    const prices = row(on, 'SHIPPING_PRICES');
    await prices.getByText('{"de":{"standard":4.9,"express":9.9}').waitFor();
    await prices.getByText('No live flow reads it').waitFor();
    const email = row(on, 'ROASTERY_EMAIL');
    await email.getByText('Who packs today').waitFor();
    const flow = email.getByRole('link', { name: 'New order' });
    expect(await flow.getAttribute('href')).toBe(`/workflows/${idOf('flow', 'New order')}`);
    const key = row(on, 'SUPPLIER_KEY');
    expect(await key.getByText('set, not shown').count()).toBe(1);
    await key.getByText('Read by one that is kept for others').waitFor();
  });

  it.each([true, false])('adds one of each type, with script: %s', async (hasScript) => {
    const on = await open(page, { hasScript });
    const add = async (type: string, name: string, enter: () => Promise<unknown>) => {
      await on.getByRole('link', { name: 'New variable' }).click();
      await on.getByRole('navigation', { name: 'Type of the variable' }).getByRole('link', { name: type }).click();
      await on.getByRole('link', { name: type }).and(on.locator('[aria-current]')).waitFor();
      await on.getByLabel('Name', { exact: true }).fill(name);
      await enter();
      await save(on);
      await on.getByRole('status').getByText(`${name} is there: flows can read it`).waitFor();
    };
    const value = on.getByLabel('Value', { exact: true });
    await add('Text', 'REGION', () => value.fill('eu-central'));
    await add('Number', 'MOST_BAGS', () => value.fill('12.5'));
    await add('Yes or no', 'SHOP_OPEN', () => value.selectOption('false'));
    await add('JSON', 'HOLIDAYS', () => value.fill('["2026-12-25"]'));
    await add('Secret', 'SHOP_TOKEN', () => value.fill('a-token-of-the-shop'));
    const { variables, secrets } = fake.stack.api.world;
    expect(variables.filter(({ updatedBy }) => updatedBy).map(({ name, value: held }) => [name, held])).toEqual(
      expect.arrayContaining([
        ['REGION', 'eu-central'],
        ['MOST_BAGS', 12.5],
        ['SHOP_OPEN', false],
        ['HOLIDAYS', ['2026-12-25']],
        ['SHOP_TOKEN', null],
      ]),
    );
    expect(secrets.get('SHOP_TOKEN')).toBe('a-token-of-the-shop');
    expect(await on.content()).not.toContain('a-token-of-the-shop');
  });

  it('keeps what was entered when another type is chosen, but for the value', async () => {
    const on = await open(`${page}?new=string`);
    await on.getByLabel('Name', { exact: true }).fill('REGION');
    await on.getByRole('link', { name: 'Number' }).click();
    await on.waitForURL(/new=number/);
    expect(await on.getByLabel('Name', { exact: true }).inputValue()).toBe('REGION');
    expect(await on.getByLabel('Value', { exact: true }).inputValue()).toBe('');
  });

  it.each([true, false])(
    'says beside the field what is wrong and keeps the rest, with script: %s',
    async (hasScript) => {
      const on = await open(`${page}?new=json`, { hasScript });
      await on.getByLabel('Name', { exact: true }).fill('SHIPPING_PRICES');
      await on.getByLabel('Description').fill('Twice');
      await on.getByLabel('Value', { exact: true }).fill('{"de":');
      await save(on);
      await on
        .getByText(/^This is not JSON/)
        .last()
        .waitFor();
      const value = on.getByLabel('Value', { exact: true });
      expect(await value.inputValue()).toBe('{"de":');
      expect(await value.getAttribute('aria-invalid')).toBe('true');
      await value.fill('{}');
      await save(on);
      await on.getByRole('alert').getByText('Another variable is called SHIPPING_PRICES.').waitFor();
      expect(await on.getByLabel('Description').inputValue()).toBe('Twice');
      expect(known('SHIPPING_PRICES')?.description).toBe('');
    },
  );

  it.each([true, false])(
    'changes one, and a secret one without asking for it again, with script: %s',
    async (hasScript) => {
      const on = await open(page, { hasScript });
      await on.getByRole('link', { name: 'Edit FREE_SHIPPING_FROM' }).click();
      expect(await on.getByLabel('Value', { exact: true }).inputValue()).toBe('45');
      await on.getByLabel('Value', { exact: true }).fill('60');
      await save(on);
      await on.getByRole('status').getByText('FREE_SHIPPING_FROM is changed').waitFor();
      expect(known('FREE_SHIPPING_FROM')?.value).toBe(60);
      await on.getByRole('link', { name: 'Edit SUPPLIER_KEY' }).click();
      const value = on.getByLabel('Value');
      expect([await value.getAttribute('type'), await value.inputValue()]).toEqual(['password', '']);
      await on.getByLabel('Description').fill('Renewed');
      await save(on);
      await on.getByRole('status').getByText('SUPPLIER_KEY is changed').waitFor();
      expect(known('SUPPLIER_KEY')?.description).toBe('Renewed');
      expect(fake.stack.api.world.secrets.size).toBe(0);
    },
  );

  it('never sends back a secret that was refused', async () => {
    // Without script the page that comes back is all there is: what it holds, the server has sent.
    const on = await open(`${page}?new=secret`, { hasScript: false });
    await on.getByLabel('Name', { exact: true }).fill('SHOP_TOKEN');
    await on.getByLabel('Value').fill('short-7');
    await save(on);
    await on.getByText('A text of 8 characters or more is expected.').last().waitFor();
    expect(await on.getByLabel('Value').inputValue()).toBe('');
    expect(await on.content()).not.toContain('short-7');
  });

  it('says which live flows keep one from having another type', async () => {
    const on = await open(`${page}?edit=FREE_SHIPPING_FROM`);
    await on.getByRole('link', { name: 'Text' }).click();
    await on.waitForURL(/as=string/);
    await on.getByLabel('Value', { exact: true }).fill('forty');
    await save(on);
    await on.getByRole('alert').getByText('Live flows read env.FREE_SHIPPING_FROM: New order.').waitFor();
    expect(await on.getByLabel('Value', { exact: true }).inputValue()).toBe('forty');
    expect(known('FREE_SHIPPING_FROM')?.type).toBe('number');
  });

  it.each([true, false])('deletes one when that is confirmed, with script: %s', async (hasScript) => {
    const on = await open(page, { hasScript });
    await on.getByRole('link', { name: 'Delete SHIPPING_PRICES' }).click();
    await on.getByRole('link', { name: 'Keep SHIPPING_PRICES' }).click();
    await on.getByRole('link', { name: 'Delete SHIPPING_PRICES' }).click();
    expect(known('SHIPPING_PRICES')).toBeDefined();
    await on.getByRole('button', { name: 'Delete SHIPPING_PRICES' }).click();
    await on.getByRole('status').getByText('SHIPPING_PRICES is deleted').waitFor();
    expect(known('SHIPPING_PRICES')).toBeUndefined();
  });

  it('says which live flows keep one from being deleted, also when one was published meanwhile', async () => {
    const on = await open(`${page}?delete=ROASTERY_EMAIL`);
    await row(on, 'ROASTERY_EMAIL').getByText('cannot be deleted while live flows read it').waitFor();
    expect(await on.getByRole('button', { name: 'Delete ROASTERY_EMAIL' }).count()).toBe(0);
    await on.getByRole('link', { name: 'Delete SHIPPING_PRICES' }).click();
    const { variables } = fake.stack.api.world;
    const at = variables.findIndex(({ name }) => name === 'SHIPPING_PRICES');
    const usedBy = [{ flowId: idOf('flow', 'New order'), name: 'New order' }];
    const prices = variables[at];
    if (!prices) throw new Error('The world lacks a variable.');
    variables[at] = { ...prices, usedBy };
    await on.getByRole('button', { name: 'Delete SHIPPING_PRICES' }).click();
    await on.getByRole('alert').getByText('Live flows read env.SHIPPING_PRICES: New order.').waitFor();
  });

  it('is to look at for whoever may not write', async () => {
    populate({ role: 'viewer' });
    for (const path of [page, `${page}?new=string`, `${page}?edit=SUPPLIER_KEY`, `${page}?delete=SHIPPING_PRICES`]) {
      const on = await open(path);
      await row(on, 'SUPPLIER_KEY').waitFor();
      expect(await on.getByRole('link', { name: /New variable|^Edit|^Delete|^Keep/ }).count()).toBe(0);
      expect(await on.getByRole('button', { name: /variable|^Delete/ }).count()).toBe(0);
    }
  });
});

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { idOf } from '../fake-api/ids.ts';
import { looksRight, pageIsRight } from './looks.ts';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const page = '/settings/masked-fields';
const fields = () => fake.stack.api.world.maskedFields.map(({ field }) => field);
const row = (on: Page, field: string) => on.getByRole('listitem').filter({ has: on.getByText(field, { exact: true }) });

describe('the page of masked fields', () => {
  it.each([page, `${page}?show=card.number`])('%s has no accessibility fault, and fits', async (path) => {
    await looksRight(open, path);
  });

  it('says what an empty list means', async () => {
    populate({ isEmpty: true });
    const on = await open(page);
    await on.getByText('No field is masked').waitFor();
    await pageIsRight(on, 'masked-fields-empty');
  });

  it.each([true, false])('masks a field and shows it again, with script: %s', async (hasScript) => {
    const on = await open(page, { hasScript });
    await on.getByRole('textbox', { name: 'Field' }).fill('Person.Birthday');
    await on.getByRole('button', { name: 'Mask the field' }).click();
    await on.getByRole('status').getByText('person.birthday is masked').waitFor();
    expect(fields()).toContain('person.birthday');
    await row(on, 'person.birthday').getByRole('link', { name: 'Show again: person.birthday' }).click();
    await on.getByRole('button', { name: 'Show person.birthday' }).click();
    await on.getByRole('status').getByText('person.birthday is shown again').waitFor();
    expect(fields()).not.toContain('person.birthday');
  });

  it('says beside the field what is wrong with it, and keeps what was entered', async () => {
    const on = await open(page);
    await on.getByRole('textbox', { name: 'Field' }).fill('lines[0].email');
    await on.getByRole('button', { name: 'Mask the field' }).click();
    await on.getByText('Write names with dots between them').waitFor();
    expect(await on.getByRole('textbox', { name: 'Field' }).inputValue()).toBe('lines[0].email');
    await pageIsRight(on, 'masked-fields-refused');
  });

  it('is to look at for whoever may not choose them', async () => {
    populate({ role: 'developer' });
    const on = await open(page);
    await row(on, 'card.number').waitFor();
    expect(await on.getByRole('button', { name: 'Mask the field' }).count()).toBe(0);
    expect(await on.getByRole('link', { name: /Show again/ }).count()).toBe(0);
  });
});

describe('a run with masked fields', () => {
  const address = `/runs/${idOf('run', 'order A-1044')}?step=customer`;

  /** As the organisation masks it from now on. */
  const maskEmail = () => {
    const { maskedFields } = fake.stack.api.world;
    for (const masked of maskedFields.slice(0, 1)) maskedFields.push({ ...masked, field: 'body.email' });
  };

  it('shows masks, and what is behind them when that is asked for', async () => {
    maskEmail();
    const on = await open(address);
    await on.getByText('Some fields are masked').waitFor();
    await on.getByRole('tab', { name: 'Output' }).click();
    await on.getByText('masked', { exact: true }).first().waitFor();
    expect(await on.getByText('ada.brandt@example.com').count()).toBe(0);
    await pageIsRight(on, 'masked-run');
    await on.getByRole('link', { name: /^Show them/ }).click();
    await on.getByText('Masked fields are shown').waitFor();
    await on.getByText('ada.brandt@example.com').first().waitFor();
    await on.getByRole('link', { name: 'Mask them again' }).click();
    await on.getByText('Some fields are masked').waitFor();
    expect(await on.getByText('ada.brandt@example.com').count()).toBe(0);
  });

  it('has no way to them for whoever may not see them', async () => {
    populate({ role: 'developer' });
    maskEmail();
    const on = await open(address);
    await on.getByText('Some fields are masked').waitFor();
    expect(await on.getByRole('link', { name: /^Show them/ }).count()).toBe(0);
  });
});

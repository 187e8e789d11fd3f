import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { looksRight } from './looks.ts';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const path = '/workflows/schedules';
const card = (page: Page, name: string) => page.getByRole('region', { name });
const nightly = '30 2 * * * · Europe/Berlin';
const weekly = 'At 09:30, Mon, Thu · Europe/Berlin';

describe('the page of schedules', () => {
  it.each([false, true])('has no fault in light and dark, wide and narrow; empty: %s', async (isEmpty) => {
    populate({ isEmpty });
    await looksRight(open, path, isEmpty ? 'schedules-empty' : 'schedules');
  });

  it('is found from the flows, and says when each fires next in its own zone', async () => {
    const page = await open('/workflows');
    await page.getByRole('link', { name: 'Schedules' }).click();
    const times = card(page, nightly).getByRole('listitem');
    await times.first().waitFor();
    expect(await times.count()).toBe(10);
    expect(await times.first().textContent()).toMatch(/0[23]:30/);
    await card(page, weekly).getByText('The warehouse counts its stock until Thursday.').waitFor();
    await card(page, 'Every hour · UTC').getByText('Temporal was not told of the last change yet.').waitFor();
  });

  it.each([true, false])('pauses with a reason, resumes and makes up for times, with script: %s', async (hasScript) => {
    const page = await open(path, { hasScript });
    await card(page, nightly).getByText('Pause', { exact: true }).click();
    await card(page, nightly).getByLabel('Reason').fill('The supplier is down.');
    await card(page, nightly).getByRole('button', { name: 'Pause the schedule' }).click();
    await page.getByRole('status').getByText('The schedule is paused').waitFor();
    await card(page, nightly).getByText('The supplier is down.').waitFor();
    await card(page, nightly).getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('status').getByText('goes on with its next time').waitFor();
    expect(fake.stack.api.world.schedules[0]?.pause).toBeNull();

    const fill = async (from: string, to: string) => {
      const form = card(page, nightly);
      if (!(await form.getByLabel('From (UTC)').isVisible())) {
        await form.getByText('Make up for times that have passed').click();
      }
      await form.getByLabel('From (UTC)').fill(from);
      await form.getByLabel('To (UTC)').fill(to);
      await form.getByRole('button', { name: 'Start these runs' }).click();
    };
    await fill('2026-03-05T00:00', '2026-03-01T00:00');
    await page.getByRole('alert').getByText('It must lie before').waitFor();
    await fill('2026-03-01T00:00', '2026-03-05T00:00');
    await page.getByRole('status').getByText('2 runs on the way, for 3 times').waitFor();
  });
});

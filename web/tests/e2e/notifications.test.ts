import { describe, expect, it } from 'vitest';
import { looksRight } from './looks.ts';
import { useFakeStack } from './use-fake-stack.ts';

const { open } = useFakeStack();

describe('the page of notifications', () => {
  it('has no accessibility fault in light and dark, wide and narrow', async () => {
    await looksRight(open, '/settings/notifications');
  });

  it.each([true, false])('keeps what a person decides, with script: %s', async (hasScript) => {
    const page = await open('/settings', { hasScript });
    const settings = page.getByRole('navigation', { name: 'Settings' });
    await settings.getByRole('link', { name: 'Notifications' }).click();
    const approvals = page.getByLabel('Approvals that wait for you');
    const failures = page.getByLabel('Runs that wait for a repair');
    await failures.waitFor();
    const wasOn = await failures.isChecked();
    await failures.setChecked(!wasOn);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('This holds from now on').waitFor();
    await page.reload();
    expect([await approvals.isChecked(), await failures.isChecked()]).toEqual([true, !wasOn]);
    await page.getByText('cannot be turned off').waitFor();
  });
});

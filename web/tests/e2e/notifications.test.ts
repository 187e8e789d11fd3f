import { describe, expect, it } from 'vitest';
import { looksRight } from './looks.ts';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open } = fake;

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

describe('the link at the end of a mail', () => {
  it.each(['/unsubscribe?token=token-of-mara', '/unsubscribe'])('%s: looks right', async (path) => {
    await looksRight(open, path);
  });

  it.each([true, false])('ends its kind of mail once that is confirmed, without a session: %s', async (hasScript) => {
    const page = await open('/unsubscribe?token=token-of-mara', { hasScript, isSignedIn: false });
    await page.getByRole('button', { name: 'End these mails' }).click();
    await page.getByText('from Hartwell Coffee').waitFor();
  });

  it('says so when it is not whole', async () => {
    const page = await open('/unsubscribe?token=half');
    await page.getByRole('button', { name: 'End these mails' }).click();
    await page.getByText('It is not whole.').waitFor();
  });

  it('does what the button of a mail program asks, which names no origin', async () => {
    const reply = await fetch(`${fake.stack.url}/unsubscribe?token=token-of-mara`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('Hartwell Coffee')]);
  });
});

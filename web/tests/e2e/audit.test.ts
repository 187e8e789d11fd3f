import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from 'vitest';
import { idOf } from '../fake-api/ids.ts';
import { flows } from '../fake-api/stories.ts';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open } = fake;

describe('the audit log', () => {
  it.each([
    ['light', 1_440],
    ['dark', 375],
  ] as const)('reads as sentences, opened and whole, in %s at %i px', async (theme, width) => {
    const page = await open('/settings/audit?verify', { theme, width });
    await page.getByText('6 entries, as they were written').waitFor();
    const entry = page.getByRole('listitem').filter({ hasText: 'changed the connection Stripe' });
    await entry.getByText('changed the connection').click();
    await entry.getByText('https://eu.api.stripe.example').waitFor();
    await entry.getByText('a secret, changed').waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('is filtered by whom and what, from the address, and shows all again', async () => {
    const page = await open('/settings/audit');
    await page.getByLabel('Person or key').fill('build');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/actor=build/);
    const entries = page.getByRole('list', { name: 'Entries' }).getByRole('listitem');
    await expect.poll(() => entries.count()).toBe(1);
    await entries.getByText('Build server').first().waitFor();
    await page.getByRole('link', { name: 'Show all' }).click();
    await page.getByText('became the owner of the organisation').waitFor();
    await page.getByLabel('Action').selectOption('connection');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/action=connection/);
    await expect.poll(() => entries.count()).toBe(1);
  });

  it('is taken away as a file', async () => {
    const page = await open('/settings/audit');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'JSON Lines' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('audit.jsonl');
  });

  it('has its part of one flow on the page of the flow, with what was changed', async () => {
    const page = await open(`/workflows/${idOf('flow', flows.refund.name)}`);
    const changes = page.getByRole('region', { name: 'History' });
    await changes.getByText('changed the name, description or tags').click();
    await changes.getByText('["shop","money"]').waitFor();
    expect(await changes.getByText('changed the connection').count()).toBe(0);
    const { violations } = await new AxeBuilder({ page }).include('[aria-label="Changes"]').analyze();
    expect(violations.map((fault) => `${fault.id}: ${fault.nodes[0]?.html ?? ''}`)).toEqual([]);
    await changes.getByRole('link', { name: 'All in the audit log' }).click();
    await page.waitForURL(/\/settings\/audit\?target=flow_/);
  });

  it('and none there for those who may not', async () => {
    fake.populate({ role: 'developer' });
    const page = await open(`/workflows/${idOf('flow', flows.refund.name)}`);
    await page.getByRole('region', { name: 'Versions' }).waitFor();
    expect(await page.getByRole('region', { name: 'History' }).count()).toBe(0);
    await page.close();
  });

  it('is for those who may read it', async () => {
    fake.populate({ role: 'developer' });
    const page = await open('/settings/audit');
    await page.getByText('This needs the permission audit:read.').waitFor();
    expect(await page.getByRole('link', { name: 'Audit log' }).count()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { idOf } from '../fake-api/ids.ts';
import { looksRight } from './looks.ts';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const flowId = idOf('flow', 'New order');
const page = `/workflows/${flowId}/compare`;
const flow = () => {
  const found = fake.stack.api.world.flows.get(flowId);
  if (!found) throw new Error('There is no such flow.');
  return found;
};

describe('two versions of a flow', () => {
  it('are compared in the drawing and in words, from the page of the flow, without an accessibility fault', async () => {
    await looksRight(open, `${page}?from=3&to=4`, 'compare');
    const on = await open(`/workflows/${flowId}`);
    await on.getByRole('link', { name: 'Compare, or go back' }).click();
    await on.getByRole('heading', { name: 'From version 3 to version 4' }).waitFor();
    const steps = on.getByRole('region', { name: 'Steps', exact: true });
    const thank = steps.getByRole('listitem').filter({ hasText: 'Thank the customer' });
    await thank.getByText('Changed').waitFor();
    await thank.getByRole('row').filter({ hasText: 'input.subject' }).getByText('Thank you').waitFor();
    await steps.getByRole('listitem').filter({ hasText: 'Tell the packers' }).getByText('Added').waitFor();
    await on.getByRole('button', { name: /Tell the packers.*Added/ }).click();
    await steps.locator('[aria-current=true]').getByText('Tell the packers').waitFor();
    const ways = on.getByRole('region', { name: 'Ways between steps' });
    expect(await ways.getByText('Added').count()).toBe(2);
  });

  it('are chosen by hand, and may do the same', async () => {
    const on = await open(page);
    await on.getByRole('combobox', { name: 'From' }).selectOption('2');
    await on.getByRole('combobox', { name: 'To' }).selectOption('3');
    await on.getByRole('button', { name: 'Compare' }).click();
    await on.getByRole('heading', { name: 'From version 2 to version 3' }).waitFor();
    await on.getByText('Nothing differs').waitFor();
  });

  it('lead back: an earlier one becomes the draft, and what was not published goes only when that is accepted', async () => {
    fake.stack.api.world.flows.set(flowId, { ...flow(), changedSincePublish: true });
    const on = await open(`${page}?from=3&to=4`);
    await on.getByRole('button', { name: 'Make version 3 the draft' }).click();
    expect(flow().graph.nodes.some(({ id }) => id === 'announce')).toBe(true);
    await on.getByLabel('The draft has changes that were never published').check();
    await on.getByRole('button', { name: 'Make version 3 the draft' }).click();
    await on.waitForURL(`**/workflows/${flowId}/edit`);
    expect(flow().graph.nodes.some(({ id }) => id === 'announce')).toBe(false);
  });

  it('say so when the draft was saved by somebody else meanwhile', async () => {
    const on = await open(`${page}?from=3&to=4`);
    await on.getByRole('button', { name: 'Make version 3 the draft' }).waitFor();
    fake.stack.api.world.flows.set(flowId, { ...flow(), draftRevision: flow().draftRevision + 1 });
    const accept = on.getByLabel('The draft has changes that were never published');
    if ((await accept.count()) > 0) await accept.check();
    await on.getByRole('button', { name: 'Make version 3 the draft' }).click();
    await on.getByRole('alert').waitFor();
    expect(flow().graph.nodes.some(({ id }) => id === 'announce')).toBe(true);
  });

  it('are to look at for whoever may not draw', async () => {
    populate({ role: 'viewer' });
    const on = await open(`${page}?from=3&to=4`);
    await on.getByRole('region', { name: 'Steps', exact: true }).waitFor();
    expect(await on.getByRole('button', { name: /the draft/ }).count()).toBe(0);
  });
});

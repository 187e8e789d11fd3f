import { describe, expect, it } from 'vitest';
import { idOf } from '../fake-api/ids.ts';
import { flows } from '../fake-api/stories.ts';
import { looksRight } from './looks.ts';
import { useFakeStack } from './use-fake-stack.ts';
import { visit } from './visit.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const newOrder = idOf('flow', flows.newOrder.name);
const refund = idOf('flow', flows.refund.name);
const money = idOf('fold', 'Money');
const floor = idOf('fold', 'Roastery floor');
const slack = idOf('conn', 'slack');

const restrict = (
  id: string,
  grants: readonly { readonly kind: 'user' | 'team'; readonly id: string }[] = [],
): void => {
  fake.stack.api.world.access.held.set(id, {
    isRestricted: true,
    grants: grants.map((grantee) => ({ grantee: { ...grantee, name: grantee.id }, role: null, roleName: null })),
  });
};

describe('the pages of folders and access', () => {
  it.each([
    ['/workflows', 'flows'],
    ['/workflows/folders', 'folders'],
    [`/workflows/folders?rename=${money}`, 'folders-rename'],
    [`/workflows/folders/${money}/access`, 'folder-access'],
    [`/workflows/${refund}/access`, 'flow-access'],
    [`/workflows/${refund}`, 'flow'],
    ['/connections', 'connections'],
    [`/connections/${slack}/access`, 'connection-access'],
  ])('%s: has no accessibility fault in light and dark, wide and narrow', async (path, name) => {
    restrict(money, [{ kind: 'team', id: 'team_night' }]);
    await looksRight(open, path, name);
  });

  it.each([true, false])('make, rename and delete a folder, with script: %s', async (hasScript) => {
    const page = await open('/workflows', { hasScript });
    await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'Folders' }).click();
    await page.getByLabel('New folder').fill('money');
    await page.getByRole('button', { name: 'Make the folder' }).click();
    await page.getByText('Another folder is called “money”.').waitFor();
    await page.getByLabel('New folder').fill('Export');
    await page.getByRole('button', { name: 'Make the folder' }).click();
    await page.getByText('The folder Export is there.').waitFor();
    await page.getByRole('link', { name: 'Rename Export' }).click();
    await page.getByLabel('New name').fill('Exports');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByText('The folder is called Exports now.').waitFor();
    // One that holds flows offers no deletion.
    expect(await page.getByRole('button', { name: 'Delete Money' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Delete Exports' }).click();
    await page.getByText('The folder Exports is deleted.').waitFor();
    expect(fake.stack.api.world.access.folders.map(({ name }) => name)).toEqual(['Money', 'Roastery floor']);
  });

  it.each([true, false])('move a flow, and list what is in a folder, with script: %s', async (hasScript) => {
    const page = await open(`/workflows/${newOrder}`, { hasScript });
    const card = page.getByRole('region', { name: 'Folder and access' });
    await card.getByLabel('Folder').selectOption('Roastery floor');
    await card.getByRole('button', { name: 'Move' }).click();
    await expect.poll(() => fake.stack.api.world.access.places.get(newOrder), { timeout: 10_000 }).toBe(floor);
    await (hasScript ? visit(page, `${fake.stack.url}/workflows`) : page.goto(`${fake.stack.url}/workflows`));
    const folders = page.getByRole('navigation', { name: 'Folders' });
    await folders.getByRole('link', { name: /Roastery floor/ }).click();
    await page.getByText('1 flows shown').waitFor({ state: 'attached' });
    const list = page.getByRole('list', { name: 'Flows' });
    expect(await list.getByRole('listitem').count()).toBe(1);
    await list.getByRole('link', { name: flows.newOrder.name }).waitFor();
  });

  it.each([true, false])('restrict a flow, give a grant and take it, with script: %s', async (hasScript) => {
    const page = await open(`/workflows/${newOrder}/access`, { hasScript });
    const sees = page.getByRole('region', { name: 'Who sees it' });
    const row = (name: string) => sees.getByRole('listitem').filter({ hasText: name });
    await row('Teo Marchetti').getByText('viewer in the organisation').waitFor();
    await page.getByRole('button', { name: 'Restrict to grants' }).click();
    await page.getByText('Only who has a grant, and whoever manages access, reaches it from now on.').waitFor();
    await row('Mara Lindqvist').getByText('manages access').waitFor();
    await expect.poll(() => row('Teo Marchetti').count(), { timeout: 10_000 }).toBe(0);
    await page.getByLabel('Who', { exact: true }).selectOption('team:team_night');
    await page.getByLabel('May do').selectOption('operator');
    await page.getByRole('button', { name: 'Give access' }).click();
    await page.getByText('Night shift has access with operator from now on.').waitFor();
    await row('Teo Marchetti').getByText('operator by a grant to the team Night shift').waitFor();
    await page.getByRole('button', { name: 'Remove the grant of Night shift' }).click();
    await page.getByText('The grant of Night shift is gone.').waitFor();
    await page.getByRole('button', { name: 'Open to everybody' }).click();
    await row('Teo Marchetti').getByText('viewer in the organisation').waitFor();
    expect(fake.stack.api.world.access.held.get(newOrder)).toEqual({ isRestricted: false, grants: [] });
  });

  it('tell what comes from the folder, and lead there', async () => {
    restrict(money, [{ kind: 'team', id: 'team_night' }]);
    const page = await open(`/workflows/${refund}/access`);
    await page.getByText('which is restricted: so is everything in it').waitFor();
    await page.getByText('on the folder to the team Night shift').waitFor();
    await page.getByRole('link', { name: 'Money' }).click();
    await page.getByRole('heading', { name: 'Access to Money' }).waitFor();
  });

  it('refuse what would lock out whoever does it', async () => {
    populate({ role: 'operator' });
    const { world } = fake.stack.api;
    // Somebody who manages access, and sees flows by a grant only.
    world.me.permissions.splice(0, Infinity, 'runs:read', 'deadLetters:read', 'roles:manage');
    restrict(newOrder, [{ kind: 'user', id: 'u_mara' }]);
    const page = await open(`/workflows/${newOrder}/access`);
    await page.getByRole('button', { name: /^Remove the grant/ }).click();
    await page.getByRole('alert').getByText('You would not see this flow any longer.').waitFor();
    expect(world.access.held.get(newOrder)?.grants).toHaveLength(1);
  });

  it('show an operator only what is open or was granted', async () => {
    populate({ role: 'operator' });
    restrict(newOrder);
    restrict(refund, [{ kind: 'user', id: 'u_mara' }]);
    restrict(slack);
    const page = await open('/workflows');
    const list = page.getByRole('list', { name: 'Flows' });
    await list.getByRole('link', { name: flows.refund.name }).waitFor();
    expect(await list.getByRole('link', { name: flows.newOrder.name }).count()).toBe(0);
    await list.getByRole('link', { name: flows.priceList.name }).waitFor();
    await visit(page, `${fake.stack.url}/workflows/${newOrder}/access`);
    await page.getByText('This is kept for some people only.').waitFor();
    await visit(page, `${fake.stack.url}/connections`);
    expect(await page.getByRole('link', { name: 'Access to Roastery Slack' }).count()).toBe(0);
  });

  it('let somebody run a flow, and repair its runs, by a grant on it alone', async () => {
    populate({ role: 'viewer' });
    const { world } = fake.stack.api;
    world.access.held.set(newOrder, {
      isRestricted: false,
      grants: [
        {
          grantee: { kind: 'user', id: 'u_mara', name: 'Mara Lindqvist' },
          role: 'operator' as never,
          roleName: 'operator',
        },
      ],
    });
    const page = await open('/workflows');
    await page.getByRole('button', { name: `Run ${flows.newOrder.name} now` }).waitFor();
    expect(await page.getByRole('button', { name: /^Run .* now$/ }).count()).toBe(1);
    const runOf = (flowId: string) => [...world.runs.values()].find((run) => run.flowId === flowId)?.id ?? '';
    await visit(page, `${fake.stack.url}/runs/${runOf(newOrder)}`);
    await page.getByRole('button', { name: 'Run again' }).waitFor();
    await visit(page, `${fake.stack.url}/runs/${runOf(refund)}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.getByRole('button', { name: 'Run again' }).count()).toBe(0);
  });

  it('give a viewer nothing to press', async () => {
    populate({ role: 'viewer' });
    const page = await open('/workflows/folders');
    await page.getByText('Roastery floor').waitFor();
    const main = page.getByRole('main');
    expect(await main.getByRole('button').count()).toBe(0);
    expect(await main.getByRole('link', { name: /^(Rename|Access)/ }).count()).toBe(0);
    await visit(page, `${fake.stack.url}/workflows/${newOrder}/access`);
    await page.getByRole('region', { name: 'Who sees it' }).getByText('owner in the organisation').waitFor();
    expect(await main.getByRole('button').count()).toBe(0);
    await visit(page, `${fake.stack.url}/workflows/${newOrder}`);
    expect(await page.getByRole('button', { name: 'Move' }).count()).toBe(0);
  });
});

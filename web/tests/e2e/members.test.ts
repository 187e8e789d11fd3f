import { describe, expect, it } from 'vitest';
import { faults, looksRight, pageIsRight } from './looks.ts';
import { useFakeStack } from './use-fake-stack.ts';
import { visit } from './visit.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const paths = [
  '/settings/members',
  '/settings/members?role=m_viewer',
  '/settings/members?remove=m_viewer',
  '/settings/organisation',
  '/settings/organisation?leave',
  '/choose-organisation',
  '/settings/organisation?delete',
  '/settings/teams',
  '/settings/teams?team=team_roastery&delete',
] as const;

describe('the pages of people', () => {
  it.each(paths)('%s: has no accessibility fault in light and dark, wide and narrow', async (path) => {
    await looksRight(open, path);
  });

  it.each([true, false])('change a role and remove a member, with script: %s', async (hasScript) => {
    const page = await open('/settings/members', { hasScript });
    await page.getByRole('link', { name: 'Change the role of Teo Marchetti' }).click();
    await page.getByRole('region', { name: 'People' }).getByLabel('Role', { exact: true }).selectOption('operator');
    await page.getByRole('button', { name: 'Change the role' }).click();
    await page.getByText('Teo Marchetti has the role operator from now on.').waitFor();
    await page.getByRole('link', { name: 'Remove Lena Vogt' }).click();
    await page.getByRole('button', { name: 'Remove Lena Vogt' }).click();
    await page.getByText('Lena Vogt is no member any more').waitFor();
    expect(fake.stack.api.world.people.members.map(({ name, role }) => [name, role])).toContainEqual([
      'Teo Marchetti',
      'operator',
    ]);
    expect(fake.stack.api.world.people.members.some(({ name }) => name === 'Lena Vogt')).toBe(false);
  });

  it.each([true, false])('invite, send again and revoke, with script: %s', async (hasScript) => {
    const page = await open('/settings/members', { hasScript });
    await page.getByLabel('E-mail').fill('teo@hartwell.coffee');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByText('teo@hartwell.coffee is a member already.').waitFor();
    await page.getByLabel('E-mail').fill('fresh@example.org');
    await page
      .getByRole('region', { name: 'Invite somebody' })
      .getByLabel('Role', { exact: true })
      .selectOption('operator');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await page.getByText('An invitation is on its way to fresh@example.org.').waitFor();
    await page.getByRole('button', { name: 'Send again to sol@hartwell.coffee' }).click();
    await page.getByText('the earlier link works no longer').waitFor();
    await page.getByRole('button', { name: 'Revoke the invitation of sol@hartwell.coffee' }).click();
    await page.getByText('The invitation is revoked').waitFor();
    expect(fake.stack.api.world.people.invitations.map(({ email, role }) => `${email} ${role}`)).toEqual([
      'fresh@example.org operator',
      'an.old.friend@example.org viewer',
    ]);
  });

  it('offer nobody a role that they do not hold, and a viewer nothing', async () => {
    populate({ role: 'admin' });
    const page = await open('/settings/members?role=m_viewer');
    expect(await page.getByRole('link', { name: /Mara|Noor/ }).count()).toBe(0);
    const offered = page
      .getByRole('region', { name: 'People' })
      .getByLabel('Role', { exact: true })
      .getByRole('option');
    const builtIn = ['admin', 'developer', 'operator', 'viewer'];
    const own = fake.stack.api.world.roles.filter(({ isBuiltIn }) => !isBuiltIn).map(({ id }) => id);
    expect(await offered.evaluateAll((options) => options.map((option) => option.getAttribute('value')))).toEqual([
      ...builtIn,
      ...own,
    ]);
    populate({ role: 'viewer' });
    const other = await open('/settings/members');
    expect(await other.getByRole('link', { name: /^(Remove|Change)/ }).count()).toBe(0);
  });

  it.each([true, false])('hand the organisation over, asked for the password, with script: %s', async (hasScript) => {
    const page = await open('/settings/organisation', { hasScript });
    await page.getByLabel('Offer the organisation to').selectOption({ label: 'Noor Haddad, noor@hartwell.coffee' });
    await page.getByLabel('Your password').fill('wrong');
    await page.getByRole('button', { name: 'Offer the ownership' }).click();
    await page.getByText('This is not your password.').first().waitFor();
    await page.getByLabel('Your password').fill('a short sentence');
    await page.getByRole('button', { name: 'Offer the ownership' }).click();
    await page.getByText('You offered the organisation to Noor Haddad').waitFor();
    await page.getByRole('button', { name: 'Withdraw the offer' }).click();
    await page.getByText('The offer is gone').waitFor();
    expect(fake.stack.api.world.people.offer).toBeNull();
  });

  it.each([true, false])('make a team, fill it, rename and delete it, with script: %s', async (hasScript) => {
    const page = await open('/settings/teams', { hasScript });
    await page.getByLabel('Name', { exact: true }).fill('Roastery');
    await page.getByRole('button', { name: 'Create the team' }).click();
    await page.getByText('This name is taken.').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Packers');
    await page.getByRole('button', { name: 'Create the team' }).click();
    await page.getByText('The team Packers is there.').waitFor();
    await page.getByRole('link', { name: 'Manage Packers' }).click();
    await page.getByLabel('Take into the team').selectOption({ label: 'Lena Vogt, lena@hartwell.coffee' });
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Lena Vogt is in the team Packers.').waitFor();
    await page.getByLabel('Name of the team').fill('Shippers');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByText('The team is called Shippers now.').waitFor();
    const shippers = () => fake.stack.api.world.people.teams.find(({ name }) => name === 'Shippers');
    expect(shippers()?.members.map(({ name }) => name)).toEqual(['Lena Vogt']);
    await page.getByRole('button', { name: 'Remove Lena Vogt from Shippers' }).click();
    await page.getByText('Lena Vogt is not in the team any more.').waitFor();
    await page.getByRole('link', { name: 'Delete the team' }).click();
    await page.getByRole('button', { name: 'Delete Shippers' }).click();
    await page.getByText('The team is gone.').waitFor();
    expect(shippers()).toBeUndefined();
  });

  it('show teams to everybody, and offer to change them to whoever manages members', async () => {
    populate({ role: 'developer' });
    const page = await open('/settings/teams');
    await page.getByRole('heading', { name: 'Roastery' }).waitFor();
    expect(await page.getByRole('link', { name: /^Manage/ }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Create the team' }).count()).toBe(0);
  });

  it.each([true, false])('change name and slug of the organisation, with script: %s', async (hasScript) => {
    const page = await open('/settings/organisation', { hasScript });
    await page.getByLabel('Slug').fill('harbour-bakery');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('This slug is taken.').first().waitFor();
    await page.getByLabel('Slug').fill('roasters');
    await page.getByLabel('Name of the organisation').fill('Hartwell Roasters');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The organisation is called Hartwell Roasters, with the slug roasters.').waitFor();
    expect(await page.getByLabel('Name of the organisation').inputValue()).toBe('Hartwell Roasters');
  });

  it.each([true, false])('delete the organisation once its name is typed, with script: %s', async (hasScript) => {
    const page = await open('/settings/organisation', { hasScript });
    await page.getByRole('link', { name: 'Delete the organisation' }).click();
    await page.getByText('This goes, and nobody can bring it back:').waitFor();
    const confirm = async (name: string, password: string, cancel = false) => {
      await page.getByLabel('Type Hartwell Coffee to confirm').fill(name);
      await page.getByLabel('Your password, once more').fill(password);
      if (cancel) await page.getByLabel(/Switch all flows off and cancel/).check();
      await page.getByRole('button', { name: 'Delete Hartwell Coffee' }).click();
    };
    await confirm('Hartwell', 'a short sentence');
    await page.getByText('This is not its name.').first().waitFor();
    await confirm('Hartwell Coffee', 'wrong');
    await page.getByText('This is not your password.').first().waitFor();
    await confirm('Hartwell Coffee', 'a short sentence');
    await page.getByText('Runs of the organisation are open.').waitFor();
    await confirm('Hartwell Coffee', 'a short sentence', true);
    await page.getByText('Where do you want to work?').waitFor();
    expect(fake.stack.api.world.people.orgs.map(({ name }) => name)).toEqual(['Harbour Bakery']);
  });

  it.each([true, false])('make another organisation and work in it, with script: %s', async (hasScript) => {
    const page = await open('/settings/organisation', { hasScript });
    await page.getByLabel('Name of the new organisation').fill('Night Roasters');
    await page.getByRole('button', { name: 'Create the organisation' }).click();
    await page.waitForURL((url) => url.pathname === '/');
    await page.getByRole('banner').locator('summary', { hasText: 'Night Roasters' }).waitFor();
    const other = await open('/choose-organisation', { hasScript });
    await other.getByLabel('Name of the new organisation').fill('Day Roasters');
    await other.getByRole('button', { name: 'Create the organisation' }).click();
    await other.waitForURL((url) => url.pathname === '/');
  });

  it('offer neither to make nor to delete an organisation to whoever may not', async () => {
    populate({ role: 'admin' });
    const page = await open('/settings/organisation?delete');
    await page.getByRole('heading', { name: 'Leave' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Delete' }).count()).toBe(0);
    expect(await page.getByLabel('Name of the new organisation').count()).toBe(0);
  });

  it.each([true, false])('switch to the other organisation in the top bar, with script: %s', async (hasScript) => {
    const page = await open('/runs', { hasScript });
    const bar = page.getByRole('banner');
    await bar.locator('summary').click();
    if (hasScript) expect(await faults(page)).toEqual([]);
    await bar.getByRole('button', { name: 'Harbour Bakery' }).click();
    await bar.locator('summary', { hasText: 'Harbour Bakery' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(fake.stack.api.world.me.org.name).toBe('Harbour Bakery');
  });

  it('say that the last owner cannot leave', async () => {
    const page = await open('/settings/organisation?leave');
    await page.getByRole('button', { name: 'Leave Hartwell Coffee' }).click();
    await page.getByText('This is the only owner of the organisation.').waitFor();
  });
});

describe('an invitation', () => {
  it.each([
    ['/invitation?token=good', false],
    ['/invitation?token=good-known', false],
    ['/invitation?token=good', true],
    ['/invitation?token=old', false],
  ] as const)('%s, signed in: %s, has no accessibility fault', async (path, isSignedIn) => {
    for (const look of [{ theme: 'light' }, { theme: 'dark', width: 375 }] as const) {
      const page = await open(path, { ...look, isSignedIn });
      await pageIsRight(page, `${path.slice(1).replaceAll(/\W+/g, '-')}-${look.theme}`);
    }
  });

  it.each([true, false])('lets somebody new set name and password, with script: %s', async (hasScript) => {
    const page = await open('/invitation?token=good', { hasScript, isSignedIn: false });
    await page.getByText('The role is developer').waitFor();
    await page.getByLabel('Your name').fill('Sol Reyes');
    await page.getByLabel('Password').fill('a sentence of mine');
    await page.getByRole('button', { name: 'Join Hartwell Coffee' }).click();
    await page.waitForURL(`${fake.stack.url}/`);
    expect(fake.stack.api.world.me.user?.name).toBe('Sol Reyes');
  });

  it('sends whoever has an account to sign in and back, and then takes one click', async () => {
    const page = await open('/invitation?token=good-known', { isSignedIn: false });
    await page.getByRole('link', { name: 'Sign in to accept' }).click();
    await page.getByLabel('E-mail').fill('sol@hartwell.coffee');
    await page.getByLabel('Password').fill('a sentence of mine');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Accept the invitation' }).click();
    await page.waitForURL(`${fake.stack.url}/`);
  });

  it('that is for somebody else, too old, or wrong says so', async () => {
    const page = await open('/invitation?token=good-other');
    await page.getByRole('button', { name: 'Accept the invitation' }).click();
    await page.getByText('This invitation is for somebody else.').waitFor();
    await visit(page, `${fake.stack.url}/invitation?token=old`);
    await page.getByText('This invitation is too old.').waitFor();
    await visit(page, `${fake.stack.url}/invitation`);
    await page.getByText('This link is wrong.').waitFor();
  });
});

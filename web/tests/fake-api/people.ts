import * as api from '@everwave/schema/api';
import type { Context, Hono } from 'hono';
import { answer, problem } from './answers.ts';
import { idOf } from './ids.ts';
import type { World } from './world.ts';

/** Who belongs to the org, and which orgs Mara belongs to. */
export interface WorldPeople {
  members: api.Member[];
  orgs: api.MyOrg[];
  offer: api.OwnershipOffer | null;
  invitations: api.Invitation[];
  teams: api.Team[];
}

const names: Readonly<Record<api.Role, string>> = {
  owner: 'Mara Lindqvist',
  admin: 'Noor Haddad',
  developer: 'Idris Okafor',
  operator: 'Lena Vogt',
  viewer: 'Teo Marchetti',
};

export const peopleOf = (now: number, { user, org, role }: api.Me, isEmpty: boolean): WorldPeople => {
  const member = (name: string, held: api.Role, days: number): api.Member => ({
    id: `m_${held}`,
    userId: name === user?.name ? user.id : `u_${held}`,
    name,
    email: name === user?.name ? user.email : `${name.split(' ')[0]?.toLowerCase()}@hartwell.coffee`,
    role: held,
    roleName: held,
    joinedAt: new Date(now - days * 86_400_000).toISOString(),
    lastSignInAt: held === 'viewer' ? null : new Date(now - days * 3_600_000).toISOString(),
  });
  const mine = member(user?.name ?? '', role, 40);
  const others = api.roles.filter((held) => held !== role).map((held, at) => member(names[held], held, 30 - at));
  const first: api.MyOrg = { ...org, slug: 'hartwell-coffee', role, isActive: true };
  const second: api.MyOrg = {
    id: idOf('org', 'Harbour Bakery'),
    name: 'Harbour Bakery',
    slug: 'harbour-bakery',
    role: 'viewer',
    isActive: false,
  };
  return {
    members: isEmpty ? [mine] : [mine, ...others],
    orgs: isEmpty ? [first] : [first, second],
    offer: null,
    invitations: isEmpty ? [] : invitationsOf(now),
    teams: isEmpty
      ? []
      : [
          {
            id: 'team_roastery',
            name: 'Roastery',
            members: [mine, ...others.slice(1, 3)].map(placed),
            createdAt: mine.joinedAt,
          },
        ],
  };
};

const placed = ({ id, name, email, role, roleName }: api.Member): api.TeamMember => ({
  id,
  name,
  email,
  role,
  roleName,
});

const invitationsOf = (now: number): api.Invitation[] => {
  const at = (days: number): string => new Date(now + days * 86_400_000).toISOString();
  const invitation = (email: string, role: api.Role, sentDaysAgo: number): api.Invitation => ({
    id: `inv_${role}`,
    email,
    role,
    roleName: role,
    invitedBy: 'Mara Lindqvist',
    createdAt: at(-sentDaysAgo),
    sentAt: at(-sentDaysAgo),
    expiresAt: at(7 - sentDaysAgo),
    isExpired: sentDaysAgo >= 7,
  });
  return [invitation('sol@hartwell.coffee', 'developer', 1), invitation('an.old.friend@example.org', 'viewer', 12)];
};

const opened: api.OpenedInvitation = {
  orgName: 'Hartwell Coffee',
  email: 'sol@hartwell.coffee',
  role: 'developer',
  roleName: 'developer',
  invitedBy: 'Mara Lindqvist',
  expiresAt: new Date(Date.now() + 500_000_000).toISOString(),
  hasAccount: false,
};

/** Opening and accepting a mailed link, before anybody has signed in. */
export const addInvitationLinks = (app: Hono, world: () => World, sessionCookie: string): void => {
  app.post('/v1/invitations/open', async (c) => {
    const { token } = api.openInvitationRequestSchema.parse(await c.req.json());
    if (token === 'old') return problem(c, 409, 'invitation_expired', 'This invitation is too old.');
    if (!token.startsWith('good')) return problem(c, 404, 'invitation_not_found', 'This link is wrong.');
    return answer(c, api.openedInvitationSchema, { ...opened, hasAccount: token === 'good-known' });
  });
  app.post('/v1/invitations/join', async (c) => {
    const { name } = api.joinRequestSchema.parse(await c.req.json());
    const { org } = world().me;
    Object.assign(world().me.user ?? {}, { name });
    c.header('set-cookie', `${sessionCookie}; Path=/; HttpOnly; SameSite=Lax`);
    return c.json(api.joinedSchema.parse({ orgId: org.id }), 201);
  });
  app.post('/v1/invitations/accept', async (c) => {
    const { token } = api.openInvitationRequestSchema.parse(await c.req.json());
    if (!c.req.header('cookie')?.includes(sessionCookie)) return problem(c, 401, 'not_signed_in', 'Sign in first.');
    if (token === 'good-other') return problem(c, 403, 'invitation_not_yours', 'This invitation is for somebody else.');
    return answer(c, api.joinedSchema, { orgId: world().me.org.id });
  });
};

/** The routes of members, ownership and one's own orgs. */
export const addPeople = (app: Hono, world: () => World): void => {
  const people = (): WorldPeople => world().people;
  const lacks = (c: Context, permission: api.Permission): Response | null =>
    world().me.permissions.includes(permission)
      ? null
      : problem(c, 403, 'not_allowed', `This needs the permission ${permission}.`);
  const wrongPassword = (c: Context): Response =>
    problem(c, 403, 'password_wrong', 'This is not your password.', [
      { path: 'password', message: 'This is not your password.' },
    ]);

  app.get('/v1/me/orgs', (c) =>
    answer(c, api.myOrgListSchema, { items: people().orgs, mayCreate: world().me.isInstanceAdministrator }),
  );
  app.post('/v1/orgs', async (c) => {
    const { name } = api.createOrgRequestSchema.parse(await c.req.json());
    const made: api.MyOrg = {
      id: idOf('org', name),
      name,
      slug: idOf('org', name).slice(4),
      role: 'owner',
      isActive: true,
    };
    people().orgs = [...people().orgs.map((each) => ({ ...each, isActive: false })), made];
    Object.assign(world().me.org, { id: made.id, name });
    return c.json(api.myOrgSchema.parse(made), 201);
  });
  app.get('/v1/org/deletion', (c) => {
    const open = [...world().runs.values()].filter(({ status }) => ['queued', 'running', 'waiting'].includes(status));
    return answer(c, api.orgDeletionPreviewSchema, {
      name: world().me.org.name,
      people: people().members.length,
      flows: world().flows.size,
      runs: world().runs.size,
      openRuns: open.length,
      connections: world().connections.length,
      apiKeys: world().apiKeys.length,
      isLast: people().orgs.length === 1,
    });
  });
  app.post('/v1/org/deletion', async (c) => {
    const { name, password, cancelRuns } = api.deleteOrgRequestSchema.parse(await c.req.json());
    if (name !== world().me.org.name) {
      return problem(c, 400, 'invalid_request', 'Type the name of the organisation to confirm.', [
        { path: 'name', message: 'This is not its name.' },
      ]);
    }
    if (password.length < 12) return wrongPassword(c);
    if (!cancelRuns) return problem(c, 409, 'runs_open', 'Runs of the organisation are open.');
    people().orgs = people().orgs.filter(({ isActive }) => !isActive);
    return c.body(null, 204);
  });
  app.put('/v1/me/org', async (c) => {
    const { orgId } = api.switchOrgRequestSchema.parse(await c.req.json());
    const found = people().orgs.find(({ id }) => id === orgId);
    if (!found) return problem(c, 404, 'organisation_not_found', 'You do not belong to it.');
    people().orgs = people().orgs.map((each) => ({ ...each, isActive: each.id === orgId }));
    Object.assign(world().me.org, { id: found.id, name: found.name });
    return c.body(null, 204);
  });
  app.delete('/v1/me/orgs/:orgId', (c) => {
    if (people().members.filter(({ role }) => role === 'owner').length < 2 && world().me.role === 'owner') {
      return problem(c, 409, 'last_owner', 'This is the only owner of the organisation.');
    }
    people().orgs = people().orgs.filter(({ id }) => id !== c.req.param('orgId'));
    return c.body(null, 204);
  });

  app.get('/v1/members', (c) => answer(c, api.memberListSchema, { items: people().members }));
  app.patch('/v1/members/:id', async (c) => {
    const no = lacks(c, 'members:manage');
    if (no) return no;
    const { role } = api.changeMemberRequestSchema.parse(await c.req.json());
    people().members = people().members.map((each) =>
      each.id === c.req.param('id') ? { ...each, role, roleName: role } : each,
    );
    const changed = people().members.find(({ id }) => id === c.req.param('id'));
    return changed ? answer(c, api.memberSchema, changed) : problem(c, 404, 'member_not_found', 'No such member.');
  });
  app.delete('/v1/members/:id', (c) => {
    const no = lacks(c, 'members:manage');
    if (no) return no;
    people().members = people().members.filter(({ id }) => id !== c.req.param('id'));
    return c.body(null, 204);
  });

  app.get('/v1/org', (c) => {
    const { slug = '' } = people().orgs.find(({ isActive }) => isActive) ?? {};
    return answer(c, api.orgSchema, { ...world().me.org, slug });
  });
  app.patch('/v1/org', async (c) => {
    const { name = '', slug = '' } = api.updateOrgRequestSchema.parse(await c.req.json());
    if (people().orgs.some((each) => !each.isActive && each.slug === slug)) {
      return problem(c, 409, 'name_taken', 'Another organisation has this slug.', [
        { path: 'slug', message: 'This slug is taken.' },
      ]);
    }
    Object.assign(world().me.org, { name });
    people().orgs = people().orgs.map((each) => (each.isActive ? { ...each, name, slug } : each));
    return answer(c, api.orgSchema, { ...world().me.org, slug });
  });

  app.get('/v1/teams', (c) => answer(c, api.teamListSchema, { items: people().teams }));
  app.post('/v1/teams', async (c) => {
    const { name } = api.createTeamRequestSchema.parse(await c.req.json());
    if (people().teams.some((team) => team.name === name)) {
      return problem(c, 409, 'name_taken', `Another team is called “${name}”.`, [
        { path: 'name', message: 'This name is taken.' },
      ]);
    }
    const team: api.Team = { id: `team_${name}`, name, members: [], createdAt: new Date().toISOString() };
    people().teams = [...people().teams, team];
    return c.json(team, 201);
  });
  const changeTeam = (c: Context, change: (team: api.Team) => api.Team): Response => {
    people().teams = people().teams.map((team) => (team.id === c.req.param('id') ? change(team) : team));
    const team = people().teams.find(({ id }) => id === c.req.param('id'));
    return team ? answer(c, api.teamSchema, team) : problem(c, 404, 'team_not_found', 'No such team.');
  };
  app.patch('/v1/teams/:id', async (c) => {
    const { name } = api.updateTeamRequestSchema.parse(await c.req.json());
    return changeTeam(c, (team) => ({ ...team, name }));
  });
  app.delete('/v1/teams/:id', (c) => {
    people().teams = people().teams.filter(({ id }) => id !== c.req.param('id'));
    return c.body(null, 204);
  });
  app.put('/v1/teams/:id/members/:memberId', (c) => {
    const found = people().members.find(({ id }) => id === c.req.param('memberId'));
    if (!found) return problem(c, 404, 'member_not_found', 'No such member.');
    return changeTeam(c, (team) => ({ ...team, members: [...team.members, placed(found)] }));
  });
  app.delete('/v1/teams/:id/members/:memberId', (c) => {
    const memberId = c.req.param('memberId');
    changeTeam(c, (team) => ({ ...team, members: team.members.filter(({ id }) => id !== memberId) }));
    return c.body(null, 204);
  });

  app.get('/v1/invitations', (c) => {
    const no = lacks(c, 'members:manage');
    return no ?? answer(c, api.invitationListSchema, { items: people().invitations });
  });
  app.post('/v1/invitations', async (c) => {
    const { email, role } = api.createInvitationRequestSchema.parse(await c.req.json());
    if (people().members.some((member) => member.email === email)) {
      return problem(c, 409, 'already_member', `${email} is a member already.`);
    }
    const [pattern] = invitationsOf(Date.now());
    const made = { ...pattern, id: `inv_${people().invitations.length}`, email, role, roleName: role };
    people().invitations = [api.invitationSchema.parse(made), ...people().invitations];
    return c.json(api.invitationSchema.parse(made), 201);
  });
  app.post('/v1/invitations/:id/resend', (c) => {
    const found = people().invitations.find(({ id }) => id === c.req.param('id'));
    if (!found) return problem(c, 404, 'invitation_not_found', 'No such invitation.');
    return answer(c, api.invitationSchema, found);
  });
  app.delete('/v1/invitations/:id', (c) => {
    people().invitations = people().invitations.filter(({ id }) => id !== c.req.param('id'));
    return c.body(null, 204);
  });

  app.get('/v1/ownership', (c) => answer(c, api.ownershipSchema, { offer: people().offer }));
  app.post('/v1/ownership/offer', async (c) => {
    const body = api.offerOwnershipRequestSchema.parse(await c.req.json());
    if (body.password.length < 12) return wrongPassword(c);
    const [from, to] = [people().members[0], people().members.find(({ id }) => id === body.memberId)];
    if (!from || !to) return problem(c, 404, 'member_not_found', 'No such member.');
    const party = ({ id, name, email }: api.Member) => ({ memberId: id, name, email });
    const createdAt = new Date().toISOString();
    const expiresAt = new Date(Date.now() + 259_200_000).toISOString();
    people().offer = { from: party(from), to: party(to), isShared: body.isShared, createdAt, expiresAt };
    return c.json(api.ownershipSchema.parse({ offer: people().offer }), 201);
  });
  app.post('/v1/ownership/accept', async (c) => {
    const { password } = api.acceptOwnershipRequestSchema.parse(await c.req.json());
    if (password.length < 12) return wrongPassword(c);
    people().offer = null;
    return c.body(null, 204);
  });
  app.delete('/v1/ownership/offer', (c) => {
    people().offer = null;
    return c.body(null, 204);
  });
};

import { memberListSchema, type Team, teamListSchema, teamSchema } from '@everwave/schema/api';
import type { Client } from '../client.ts';
import { type Command, positional } from '../command.ts';
import { table } from '../format.ts';

const findTeam = async (client: Client, name: string): Promise<Team> => {
  const { items } = await client.get('/v1/teams', teamListSchema);
  const team = items.find((each) => each.id === name || each.name.toLowerCase() === name.toLowerCase());
  if (team) return team;
  throw new Error(
    `There is no team ${name}. ${items.length > 0 ? `One of: ${items.map((each) => each.name).join(', ')}.` : ''}`.trim(),
  );
};

const addressOf = (team: Team, memberId?: string): string =>
  `/v1/teams/${encodeURIComponent(team.id)}${memberId === undefined ? '' : `/members/${encodeURIComponent(memberId)}`}`;

export const teamList: Command = {
  usage: 'team list [--json]',
  summary: 'Lists the teams of the organisation with their members.',
  options: { json: { type: 'boolean' } },
  async run({ client, options, print }) {
    const { items } = await client.get('/v1/teams', teamListSchema);
    if (options['json']) return print(JSON.stringify(items, null, 2));
    if (items.length === 0) return print('There is no team yet.');
    const rows = items.flatMap(({ name, members }) =>
      members.length === 0
        ? [[name, '-', '-', '-']]
        : members.map((member) => [name, member.roleName, member.email, member.name]),
    );
    print(table([['TEAM', 'ROLE', 'E-MAIL', 'NAME'], ...rows]));
  },
};

export const teamCreate: Command = {
  usage: 'team create <name>',
  summary: 'Makes a team without members.',
  options: {},
  async run({ client, positionals, print }) {
    const team = await client.post('/v1/teams', { name: positional(positionals, 0, 'name') }, teamSchema);
    print(`The team ${team.name} is there. Take people in: everwave team add "${team.name}" <email>`);
  },
};

export const teamDelete: Command = {
  usage: 'team delete <team>',
  summary: 'Deletes a team; its members stay in the organisation.',
  options: {},
  async run({ client, positionals, print }) {
    const team = await findTeam(client, positional(positionals, 0, 'team'));
    await client.delete(addressOf(team));
    print(`The team ${team.name} is gone.`);
  },
};

export const teamAdd: Command = {
  usage: 'team add <team> <email>',
  summary: 'Takes a member of the organisation into a team.',
  options: {},
  async run({ client, positionals, print }) {
    const email = positional(positionals, 1, 'email').toLowerCase();
    const team = await findTeam(client, positional(positionals, 0, 'team'));
    const { items } = await client.get('/v1/members', memberListSchema);
    const member = items.find((each) => each.email.toLowerCase() === email);
    if (!member) throw new Error(`Nobody with the address ${email} is a member of the organisation.`);
    await client.put(addressOf(team, member.id), {}, teamSchema);
    print(`${member.name} is in the team ${team.name}.`);
  },
};

export const teamRemove: Command = {
  usage: 'team remove <team> <email>',
  summary: 'Takes somebody out of a team.',
  options: {},
  async run({ client, positionals, print }) {
    const email = positional(positionals, 1, 'email').toLowerCase();
    const team = await findTeam(client, positional(positionals, 0, 'team'));
    const member = team.members.find((each) => each.email.toLowerCase() === email);
    if (!member) throw new Error(`Nobody with the address ${email} is in the team ${team.name}.`);
    await client.delete(addressOf(team, member.id));
    print(`${member.name} is not in the team ${team.name} any more.`);
  },
};

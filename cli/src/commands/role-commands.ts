import { memberListSchema, memberSchema, roleListSchema, roleSchema } from '@everwave/schema/api';
import { type Command, positional, textsOf, UsageError } from '../command.ts';
import { byNameOrId, permissionNamed } from '../find-named.ts';
import { table } from '../format.ts';

export const roleList: Command = {
  usage: 'role list [--json]',
  summary: 'Lists the roles of the organisation, what they hold and who has them.',
  options: { json: { type: 'boolean' } },
  async run({ client, options, print }) {
    const list = await client.get('/v1/roles', roleListSchema);
    if (options['json']) return print(JSON.stringify(list, null, 2));
    print(
      table([
        ['ID', 'NAME', 'PEOPLE', 'PROGRAMS', 'PERMISSIONS'],
        ...list.items.map(({ id, name, usedBy, permissions }) => [
          id,
          name,
          String(usedBy.people),
          String(usedBy.serviceAccounts + usedBy.apiKeys),
          permissions.join(' '),
        ]),
      ]),
    );
  },
};

export const roleCreate: Command = {
  usage: 'role create <name> --permission <permission>… [--description <text>] [--json]',
  summary: 'Makes a role of single permissions.',
  options: {
    permission: { type: 'string', multiple: true },
    description: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run({ client, positionals, options, print }) {
    const name = positional(positionals, 0, 'name');
    const permissions = textsOf(options, 'permission').map(permissionNamed);
    if (permissions.length === 0) throw new UsageError('Name at least one --permission.');
    const { description } = options;
    const made = await client.post('/v1/roles', { name, permissions, ...(description && { description }) }, roleSchema);
    print(options['json'] ? JSON.stringify(made, null, 2) : `${made.id} ${made.name}: ${made.permissions.join(', ')}`);
  },
};

export const roleDelete: Command = {
  usage: 'role delete <id or name>',
  summary: 'Deletes a role that nobody has any more.',
  options: {},
  async run({ client, positionals, print }) {
    const named = positional(positionals, 0, 'role');
    const { items } = await client.get('/v1/roles', roleListSchema);
    const role = byNameOrId(items, 'role', named);
    if (role.isBuiltIn) throw new UsageError(`The role ${role.name} is built in and stays.`);
    await client.delete(`/v1/roles/${encodeURIComponent(role.id)}`);
    print(`The role ${role.name} is deleted.`);
  },
};

export const roleAssign: Command = {
  usage: 'role assign <id or name> <email>',
  summary: 'Gives a member another role.',
  options: {},
  async run({ client, positionals, print }) {
    const named = positional(positionals, 0, 'role');
    const email = positional(positionals, 1, 'email').toLowerCase();
    const role = byNameOrId((await client.get('/v1/roles', roleListSchema)).items, 'role', named);
    const { items: members } = await client.get('/v1/members', memberListSchema);
    const member = members.find((each) => each.email.toLowerCase() === email);
    if (!member) throw new Error(`Nobody with the address ${email} is a member.`);
    const changed = await client.patch(`/v1/members/${encodeURIComponent(member.id)}`, { role: role.id }, memberSchema);
    print(`${changed.name} is ${changed.roleName} now.`);
  },
};

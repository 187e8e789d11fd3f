import { invitationListSchema, invitationSchema, memberListSchema, roleListSchema } from '@everwave/schema/api';
import { type Command, positional, UsageError } from '../command.ts';
import { table } from '../format.ts';

export const memberList: Command = {
  usage: 'member list [--json]',
  summary: 'Lists the people of the organisation and who is invited.',
  options: { json: { type: 'boolean' } },
  async run({ client, options, print }) {
    const { items: members } = await client.get('/v1/members', memberListSchema);
    const { items: invited } = await client.get('/v1/invitations', invitationListSchema);
    if (options['json']) return print(JSON.stringify({ members, invited }, null, 2));
    print(
      table([
        ['ID', 'ROLE', 'E-MAIL', 'NAME', 'SIGNED IN'],
        ...members.map(({ id, roleName, email, name, lastSignInAt }) => [
          id,
          roleName,
          email,
          name,
          lastSignInAt ?? 'never',
        ]),
        ...invited.map(({ id, roleName, email, isExpired }) => [
          id,
          roleName,
          email,
          isExpired ? '(too old)' : '(invited)',
          '-',
        ]),
      ]),
    );
  },
};

export const memberInvite: Command = {
  usage: 'member invite <email> [--role <role>]',
  summary: 'Invites somebody by mail; as a developer unless another role is named.',
  options: { role: { type: 'string' } },
  async run({ client, positionals, options, print }) {
    const email = positional(positionals, 0, 'email');
    const named = options['role'] ?? 'developer';
    const { items } = await client.get('/v1/roles', roleListSchema);
    const given = items.filter(({ id }) => id !== 'owner');
    const role = given.find(({ id, name }) => id === named || name === named);
    if (!role)
      throw new UsageError(`Unknown role ${String(named)}. One of: ${given.map(({ name }) => name).join(', ')}.`);
    const made = await client.post('/v1/invitations', { email, role: role.id }, invitationSchema);
    print(
      `An invitation is on its way to ${made.email}, with the role ${made.roleName}. It works until ${made.expiresAt}.`,
    );
  },
};

export const memberRemove: Command = {
  usage: 'member remove <email>',
  summary: 'Ends a membership at once, or revokes the invitation of somebody who has not answered.',
  options: {},
  async run({ client, positionals, print }) {
    const email = positional(positionals, 0, 'email').toLowerCase();
    const { items: members } = await client.get('/v1/members', memberListSchema);
    const member = members.find((each) => each.email.toLowerCase() === email);
    if (member) {
      await client.delete(`/v1/members/${encodeURIComponent(member.id)}`);
      return print(`${member.name} is no member any more.`);
    }
    const { items: invited } = await client.get('/v1/invitations', invitationListSchema);
    const invitation = invited.find((each) => each.email === email);
    if (!invitation) throw new Error(`Nobody with the address ${email} is a member or invited.`);
    await client.delete(`/v1/invitations/${encodeURIComponent(invitation.id)}`);
    print(`The invitation of ${email} is revoked.`);
  },
};

import { roleListSchema, serviceAccountListSchema, serviceAccountSchema } from '@everwave/schema/api';
import { type Command, positional } from '../command.ts';
import { byNameOrId } from '../find-named.ts';
import { table } from '../format.ts';

export const serviceAccountList: Command = {
  usage: 'service-account list [--json]',
  summary: 'Lists the programs that work in the organisation under a name of their own.',
  options: { json: { type: 'boolean' } },
  async run({ client, options, print }) {
    const list = await client.get('/v1/service-accounts', serviceAccountListSchema);
    if (options['json']) return print(JSON.stringify(list, null, 2));
    print(
      table([
        ['ID', 'NAME', 'ROLE', 'KEYS', 'STATE'],
        ...list.items.map(({ id, name, roleName, apiKeys, disabledAt }) => [
          id,
          name,
          roleName,
          String(apiKeys),
          disabledAt ? `off since ${disabledAt}` : 'on',
        ]),
      ]),
    );
  },
};

export const serviceAccountCreate: Command = {
  usage: 'service-account create <name> [--role <role>] [--description <text>] [--json]',
  summary: 'Makes a service account, a viewer unless another role is named. Then give it a key.',
  options: { role: { type: 'string' }, description: { type: 'string' }, json: { type: 'boolean' } },
  async run({ client, positionals, options, print }) {
    const name = positional(positionals, 0, 'name');
    const { items } = await client.get('/v1/roles', roleListSchema);
    const role = byNameOrId(items, 'role', options['role'] ?? 'viewer').id;
    const { description } = options;
    const body = { name, role, ...(description && { description }) };
    const made = await client.post('/v1/service-accounts', body, serviceAccountSchema);
    if (options['json']) return print(JSON.stringify(made, null, 2));
    print(`${made.id} ${made.name}, ${made.roleName}. A key: everwave key create <name> --service-account ${made.id}`);
  },
};

export const serviceAccountDelete: Command = {
  usage: 'service-account delete <id or name>',
  summary: 'Deletes a service account with its keys; their next request is refused.',
  options: {},
  async run({ client, positionals, print }) {
    const named = positional(positionals, 0, 'service account');
    const { items } = await client.get('/v1/service-accounts', serviceAccountListSchema);
    const account = byNameOrId(items, 'service account', named);
    await client.delete(`/v1/service-accounts/${encodeURIComponent(account.id)}`);
    print(`${account.name} is deleted${account.apiKeys === 0 ? '' : `, with ${account.apiKeys} keys`}.`);
  },
};

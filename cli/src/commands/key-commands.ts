import { apiKeyListSchema, createdApiKeySchema, roleListSchema, serviceAccountListSchema } from '@everwave/schema/api';
import type { Client } from '../client.ts';
import { type Command, positional, textsOf, UsageError } from '../command.ts';
import { byNameOrId, permissionNamed } from '../find-named.ts';
import { table } from '../format.ts';

export const keyList: Command = {
  usage: 'key list [--json]',
  summary: 'Lists the API keys of the organisation; the keys themselves are shown nowhere.',
  options: { json: { type: 'boolean' } },
  async run({ client, options, print }) {
    const list = await client.get('/v1/api-keys', apiKeyListSchema);
    if (options['json']) return print(JSON.stringify(list, null, 2));
    print(
      table([
        ['ID', 'BEGINS', 'NAME', 'ROLE', 'SCOPES', 'EXPIRES', 'USED'],
        ...list.items.map(({ id, start, name, roleName, serviceAccount, scopes, expiresAt, lastUsedAt }) => [
          id,
          start,
          name,
          serviceAccount ? `${roleName} (${serviceAccount.name})` : roleName,
          scopes?.join(' ') ?? 'all',
          expiresAt ?? 'never',
          lastUsedAt ?? 'never',
        ]),
      ]),
    );
  },
};

export const keyCreate: Command = {
  usage: 'key create <name> [--role <role> | --service-account <name>] [--scope <permission>]… [--days <n>] [--json]',
  summary: 'Makes an API key and shows it, this once; a developer’s unless told otherwise.',
  options: {
    role: { type: 'string' },
    'service-account': { type: 'string' },
    scope: { type: 'string', multiple: true },
    days: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run({ client, positionals, options, print }) {
    const name = positional(positionals, 0, 'name');
    const { role, 'service-account': account } = options;
    if (role && account) throw new UsageError('A key of a service account has its role: leave --role out.');
    const scopes = textsOf(options, 'scope').map(permissionNamed);
    const body = {
      name,
      ...(role && { role: byNameOrId((await client.get('/v1/roles', roleListSchema)).items, 'role', role).id }),
      ...(account && { serviceAccountId: (await accountNamed(client, account)).id }),
      ...(scopes.length > 0 && { scopes }),
      ...(options['days'] !== undefined && { expiresInDays: daysOf(options['days']) }),
    };
    const made = await client.post('/v1/api-keys', body, createdApiKeySchema);
    if (options['json']) return print(JSON.stringify(made, null, 2));
    print(made.key);
    print(`Keep it now: it is not shown again. ${made.name}, ${made.roleName}, ${until(made.expiresAt)}.`);
  },
};

export const keyRevoke: Command = {
  usage: 'key revoke <id, name or beginning>',
  summary: 'Ends an API key; its next request is refused.',
  options: {},
  async run({ client, positionals, print }) {
    const named = positional(positionals, 0, 'key');
    const { items } = await client.get('/v1/api-keys', apiKeyListSchema);
    const key = byNameOrId(
      items.map((each) => ({ ...each, also: each.start })),
      'API key',
      named,
    );
    await client.delete(`/v1/api-keys/${encodeURIComponent(key.id)}`);
    print(`${key.name} (${key.start}…) is revoked.`);
  },
};

const accountNamed = async (client: Client, named: unknown) => {
  const { items } = await client.get('/v1/service-accounts', serviceAccountListSchema);
  return byNameOrId(items, 'service account', named);
};

const until = (moment: string | null): string => (moment === null ? 'without an end' : `until ${moment}`);

const daysOf = (given: unknown): number => {
  const days = Number(given);
  if (!Number.isInteger(days) || days < 1) throw new UsageError('--days takes a whole number of days, at least 1.');
  return days;
};

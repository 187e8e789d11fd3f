import { type Account, accountListSchema, accountSchema } from '@everwave/schema/api';
import type { Client } from '../client.ts';
import { type Command, positional } from '../command.ts';
import { table } from '../format.ts';

const listAll = async (client: Client, query: Readonly<Record<string, string>> = {}): Promise<Account[]> => {
  const found: Account[] = [];
  let cursor: string | null = null;
  do {
    const search = new URLSearchParams({ ...query, limit: '100', ...(cursor === null ? {} : { cursor }) });
    const page = await client.get(`/v1/admin/users?${search.toString()}`, accountListSchema);
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
};

const findAccount = async (client: Client, email: string): Promise<Account> => {
  const found = await listAll(client, { text: email });
  const account = found.find((each) => each.email.toLowerCase() === email.toLowerCase());
  if (account) return account;
  throw new Error(`Nobody here has an account with the address ${email}.`);
};

const stateOf = ({ suspendedAt, isInstanceAdministrator }: Account): string => {
  if (suspendedAt !== null) return 'suspended';
  return isInstanceAdministrator ? 'administrator' : 'active';
};

export const userList: Command = {
  usage: 'user list [--state active|suspended|administrators] [--text <part>] [--json]',
  summary: 'Lists the accounts of the installation. Needs the access token of an administrator of it.',
  options: { state: { type: 'string' }, text: { type: 'string' }, json: { type: 'boolean' } },
  async run({ client, options, print }) {
    const { state, text } = options;
    const items = await listAll(client, {
      ...(typeof state === 'string' ? { state } : {}),
      ...(typeof text === 'string' ? { text } : {}),
    });
    if (options['json']) return print(JSON.stringify(items, null, 2));
    print(
      table([
        ['STATE', 'E-MAIL', 'NAME', '2FA', 'SIGNED IN', 'ORGANISATIONS'],
        ...items.map((account) => [
          stateOf(account),
          account.email,
          account.name,
          account.hasSecondFactor ? 'yes' : 'no',
          account.lastSignInAt ?? 'never',
          account.orgs.map(({ name, roleName }) => `${name} (${roleName})`).join(', ') || '-',
        ]),
      ]),
    );
  },
};

export const userSuspend: Command = {
  usage: 'user suspend <email>',
  summary: 'Refuses everything of a person at once; their runs go on.',
  options: {},
  async run({ client, positionals, print }) {
    const { id, name } = await findAccount(client, positional(positionals, 0, 'email'));
    await client.post(`/v1/admin/users/${encodeURIComponent(id)}/suspend`, {}, accountSchema);
    print(`${name} is suspended. Keys of service accounts go on: revoke those that ${name} knows.`);
  },
};

export const userRestore: Command = {
  usage: 'user restore <email>',
  summary: 'Lets a suspended person sign in again.',
  options: {},
  async run({ client, positionals, print }) {
    const { id, name } = await findAccount(client, positional(positionals, 0, 'email'));
    await client.post(`/v1/admin/users/${encodeURIComponent(id)}/restore`, {}, accountSchema);
    print(`${name} may sign in again.`);
  },
};

import {
  type AccessOf,
  accessSchema,
  connectionListSchema,
  flowListSchema,
  granteeListSchema,
  roleListSchema,
  type SetAccessRequest,
} from '@everwave/schema/api';
import { ApiError, type Client } from '../client.ts';
import { type Command, positional, UsageError } from '../command.ts';
import { byNameOrId } from '../find-named.ts';
import { harmless, table } from '../format.ts';
import { folderNamed } from './folder-commands.ts';

interface Thing {
  readonly id: string;
  readonly name: string;
}

const find: Readonly<Record<string, (client: Client, named: string) => Promise<Thing>>> = {
  flow: async (client, named) =>
    byNameOrId((await client.get('/v1/flows?limit=100', flowListSchema)).items, 'flow', named),
  folder: folderNamed,
  connection: async (client, named) =>
    byNameOrId((await client.get('/v1/connections?limit=100', connectionListSchema)).items, 'connection', named),
};

/** The address of what the first two words name. */
const placeOf = async (client: Client, positionals: readonly string[]) => {
  const kind = positional(positionals, 0, 'flow|folder|connection');
  const findThing = Object.hasOwn(find, kind) ? find[kind] : undefined;
  if (!findThing) throw new UsageError(`Access is to a flow, a folder or a connection, not to a ${harmless(kind)}.`);
  const { id, name } = await findThing(client, positional(positionals, 1, 'name or id'));
  return { address: `/v1/${kind}s/${encodeURIComponent(id)}/access`, name: harmless(name) };
};

type Change = (access: AccessOf) => Omit<SetAccessRequest, 'revision'>;

const keptOf = ({ grants }: AccessOf) =>
  grants.map(({ grantee: { kind, id }, role }) => ({ grantee: { kind, id }, role })) as SetAccessRequest['grants'];

/** One change beside those that others make meanwhile. */
const change = async (client: Client, address: string, toChanged: Change): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    const before = await client.get(address, accessSchema);
    try {
      await client.put(address, { ...toChanged(before), revision: before.revision }, accessSchema);
      return;
    } catch (error) {
      const isOvertaken = error instanceof ApiError && error.problem.code === 'access_changed';
      if (!isOvertaken || tries === 4) throw error;
    }
  }
};

const granteeNamed = async (client: Client, named: string) => {
  const { items } = await client.get('/v1/grantees', granteeListSchema);
  const known = items.map(({ detail, ...each }) => ({ ...each, ...(detail !== null && { also: detail }) }));
  return byNameOrId(known, 'person, team, service account or key', named);
};

const isSame = (one: { readonly kind: string; readonly id: string }, other: typeof one): boolean =>
  one.kind === other.kind && one.id === other.id;

const thing = '<flow|folder|connection> <name or id>';

export const accessShow: Command = {
  usage: `access show ${thing} [--json]`,
  summary: 'Shows who reaches it, and why.',
  options: { json: { type: 'boolean' } },
  async run({ client, positionals, options, print }) {
    const { address, name } = await placeOf(client, positionals);
    const access = await client.get(address, accessSchema);
    if (options['json']) return print(JSON.stringify(access, null, 2));
    print(
      access.isRestricted || access.folder?.isRestricted
        ? `${name} is restricted${access.isRestricted ? '' : ' by its folder'}: only who has a grant reaches it, and whoever manages access.`
        : `${name} is open to everybody whose role sees it.`,
    );
    const rows = access.reachedBy.flatMap(({ holder, because }) =>
      because.map(({ by, roleName, on, team }) => [
        harmless(holder.name),
        harmless(roleName),
        by === 'grant'
          ? `grant on the ${on ?? 'thing'}${team === null ? '' : ` to the team ${harmless(team)}`}`
          : by === 'manager'
            ? 'manages access'
            : 'in the organisation',
      ]),
    );
    print(table([['WHO', 'ROLE', 'WHY'], ...rows]));
  },
};

export const accessGrant: Command = {
  usage: `access grant ${thing} <who> [--role <role>]`,
  summary: 'Gives a person, team, service account or key access; without --role with the role that they have.',
  options: { role: { type: 'string' } },
  async run({ client, positionals, options, print }) {
    const named = positional(positionals, 2, 'who');
    const { address, name } = await placeOf(client, positionals);
    const { kind, id, name: whose } = await granteeNamed(client, named);
    const wanted = options['role'];
    const role =
      wanted === undefined
        ? null
        : byNameOrId((await client.get('/v1/roles', roleListSchema)).items, 'role', wanted).id;
    const grant = { grantee: { kind, id }, role } as SetAccessRequest['grants'][number];
    await change(client, address, (access) => ({
      isRestricted: access.isRestricted,
      grants: [...keptOf(access).filter(({ grantee }) => !isSame(grantee, grant.grantee)), grant],
    }));
    print(`${harmless(whose)} has access to ${name}.`);
  },
};

export const accessRevoke: Command = {
  usage: `access revoke ${thing} <who>`,
  summary: 'Takes a grant back.',
  options: {},
  async run({ client, positionals, print }) {
    const named = positional(positionals, 2, 'who');
    const { address, name } = await placeOf(client, positionals);
    const who = await granteeNamed(client, named);
    await change(client, address, (access) => {
      const grants = keptOf(access).filter(({ grantee }) => !isSame(grantee, who));
      if (grants.length === access.grants.length) throw new Error(`${harmless(who.name)} has no grant on ${name}.`);
      return { isRestricted: access.isRestricted, grants };
    });
    print(`The grant of ${harmless(who.name)} on ${name} is gone.`);
  },
};

const restriction = (isRestricted: boolean, verb: string, summary: string, said: string): Command => ({
  usage: `access ${verb} ${thing}`,
  summary,
  options: {},
  async run({ client, positionals, print }) {
    const { address, name } = await placeOf(client, positionals);
    await change(client, address, (access) => ({ isRestricted, grants: keptOf(access) }));
    print(`${name} ${said}`);
  },
});

export const accessRestrict = restriction(
  true,
  'restrict',
  'Keeps it for those who have a grant, and for whoever manages access.',
  'is for those who have a grant, and for whoever manages access.',
);

export const accessOpen = restriction(
  false,
  'open',
  'Opens it to everybody whose role sees it.',
  'is open to everybody whose role sees it.',
);

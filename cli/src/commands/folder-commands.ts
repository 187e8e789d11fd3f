import { type Folder, folderListSchema, folderSchema } from '@everwave/schema/api';
import type { Client } from '../client.ts';
import { type Command, positional } from '../command.ts';
import { byNameOrId } from '../find-named.ts';
import { harmless, table } from '../format.ts';

export const folderNamed = async (client: Client, named: string): Promise<Folder> =>
  byNameOrId((await client.get('/v1/folders', folderListSchema)).items, 'folder', named);

const addressOf = ({ id }: Folder): string => `/v1/folders/${encodeURIComponent(id)}`;

export const folderList: Command = {
  usage: 'folder list [--json]',
  summary: 'Lists the folders of flows.',
  options: { json: { type: 'boolean' } },
  async run({ client, options, print }) {
    const { items } = await client.get('/v1/folders', folderListSchema);
    if (options['json']) return print(JSON.stringify(items, null, 2));
    if (items.length === 0) return print('There is no folder yet.');
    const rows = items.map(({ id, name, flows, isRestricted }) => [
      id,
      String(flows),
      isRestricted ? 'restricted' : 'open',
      harmless(name),
    ]);
    print(table([['FOLDER', 'FLOWS', 'ACCESS', 'NAME'], ...rows]));
  },
};

export const folderCreate: Command = {
  usage: 'folder create <name>',
  summary: 'Makes a folder for flows.',
  options: {},
  async run({ client, positionals, print }) {
    const folder = await client.post('/v1/folders', { name: positional(positionals, 0, 'name') }, folderSchema);
    print(`${folder.id}  ${harmless(folder.name)}`);
  },
};

export const folderRename: Command = {
  usage: 'folder rename <folder> <name>',
  summary: 'Calls a folder something else.',
  options: {},
  async run({ client, positionals, print }) {
    const name = positional(positionals, 1, 'name');
    const folder = await folderNamed(client, positional(positionals, 0, 'folder'));
    const renamed = await client.patch(addressOf(folder), { name }, folderSchema);
    print(`The folder ${harmless(folder.name)} is called ${harmless(renamed.name)} now.`);
  },
};

export const folderDelete: Command = {
  usage: 'folder delete <folder>',
  summary: 'Deletes a folder that no flow is in.',
  options: {},
  async run({ client, positionals, print }) {
    const folder = await folderNamed(client, positional(positionals, 0, 'folder'));
    await client.delete(addressOf(folder));
    print(`The folder ${harmless(folder.name)} is gone.`);
  },
};

import { existsSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import {
  connectionListSchema,
  connectionSchema,
  flowListSchema,
  flowSchema,
  flowVersionSummarySchema,
} from '@everwave/schema/api';
import * as z from 'zod';
import type { Client } from '../client.ts';
import { type Command, positional, UsageError } from '../command.ts';
import { readDocument } from '../read-document.ts';
import { deliverRows } from './deliver-command.ts';
import { saveDraft } from './draft-command.ts';

const connectionsSchema = z.array(
  z.strictObject({
    name: z.string().min(1),
    kind: z.string().min(1),
    settings: z.record(z.string(), z.json()).default({}),
    /** A text, or `{ env: NAME }`: secrets need not stand in a file. */
    secret: z.record(z.string(), z.union([z.string(), z.strictObject({ env: z.string() })])).default({}),
  }),
);

const seedFlowSchema = z.looseObject({
  name: z.string().min(1),
  /** Which connection each node uses, by name. */
  connections: z.record(z.string(), z.string()).default({}),
  graph: z.looseObject({ nodes: z.array(z.looseObject({ id: z.string() })) }),
});

export const seed: Command = {
  usage: 'seed <folder>',
  summary: 'Brings connections.yaml, flows/*.yaml and deliveries/<flow file>.csv in. Repeatable: what is there stays.',
  options: {},
  async run({ client, environment, positionals, print }) {
    const folder = positional(positionals, 0, 'folder');
    if (!existsSync(folder)) throw new UsageError(`There is no folder ${folder}.`);
    const connections = await seedConnections(client, folder, environment, print);
    for (const file of documentsIn(join(folder, 'flows'))) {
      const flowId = await seedFlow(client, join(folder, 'flows', file), connections, print);
      const rows = ['.csv', '.json', '.jsonl']
        .map((ending) => join(folder, 'deliveries', `${basename(file, extname(file))}${ending}`))
        .find((path) => existsSync(path));
      if (rows) print(`  ${(await deliverRows(client, flowId, rows)).length} deliveries of ${basename(rows)}`);
    }
  },
};

const endings = ['.yaml', '.yml', '.json'];
const documentsIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => endings.includes(extname(file)))
        .toSorted()
    : [];

const parseAs = <Schema extends z.ZodType>(schema: Schema, value: unknown, file: string): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new UsageError(`${file} is not as it should be:\n${places.join('\n')}`);
};

type Ids = ReadonlyMap<string, string>;

const seedConnections = async (
  client: Client,
  folder: string,
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<Ids> => {
  const { items } = await client.get('/v1/connections?limit=100', connectionListSchema);
  const ids = new Map<string, string>(items.map(({ name, id }) => [name, id]));
  const file = endings.map((ending) => join(folder, `connections${ending}`)).find((path) => existsSync(path));
  for (const wanted of file ? parseAs(connectionsSchema, await readDocument(file), file) : []) {
    if (ids.has(wanted.name)) continue;
    const secret = Object.entries(wanted.secret).map(([field, value]) => [
      field,
      typeof value === 'string' ? value : fromEnvironment(environment, value.env, wanted.name),
    ]);
    const body = { ...wanted, secret: Object.fromEntries(secret) as object };
    const made = await client.post('/v1/connections', body, connectionSchema);
    ids.set(made.name, made.id);
    print(`${made.id}  ${made.name}`);
  }
  return ids;
};

const fromEnvironment = (environment: NodeJS.ProcessEnv, name: string, connection: string): string => {
  const value = environment[name];
  if (value) return value;
  throw new UsageError(`The connection "${connection}" takes its secret from ${name}, which is not set.`);
};

const seedFlow = async (client: Client, file: string, ids: Ids, print: (line: string) => void): Promise<string> => {
  const { connections, ...document } = parseAs(seedFlowSchema, await readDocument(file), file);
  const nodes = document.graph.nodes.map((node) => {
    const name = connections[node.id];
    if (name === undefined) return node;
    const connectionId = ids.get(name);
    if (!connectionId) throw new UsageError(`${file}: there is no connection named "${name}", which ${node.id} uses.`);
    return { ...node, connectionId };
  });
  const found = await findFlow(client, document.name);
  const id =
    found ??
    (await client.post('/v1/flows/import', { format: 'everwave.flow', formatVersion: 1, ...document }, flowSchema)).id;
  const flow = await saveDraft(client, id, { ...document.graph, nodes });
  if (flow.changedSincePublish || flow.version === null) {
    await client.post(`/v1/flows/${id}/publish`, { note: `Seeded from ${basename(file)}` }, flowVersionSummarySchema);
    print(`${id}  ${flow.name}, published`);
  } else print(`${id}  ${flow.name}, unchanged`);
  return id;
};

const findFlow = async (client: Client, name: string): Promise<string | null> => {
  const { items } = await client.get(`/v1/flows?limit=100&search=${encodeURIComponent(name)}`, flowListSchema);
  return items.find((flow) => flow.name === name)?.id ?? null;
};

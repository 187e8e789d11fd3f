import { readFile } from 'node:fs/promises';
import { flowListSchema, flowSchema, flowVersionSummarySchema } from '@everwave/schema/api';
import * as z from 'zod';
import { type Command, parseJson, positional } from '../command.ts';
import { table } from '../format.ts';

const json = { type: 'boolean' } as const;

export const flowList: Command = {
  usage: 'flow list [--json]',
  summary: 'Lists flows, the last changed first.',
  options: { json },
  async run({ client, options, print }) {
    const { items } = await client.get('/v1/flows?limit=100', flowListSchema);
    if (options['json']) return print(JSON.stringify(items, null, 2));
    print(
      table([
        ['FLOW', 'STATUS', 'LIVE', 'NAME'],
        ...items.map((flow) => [flow.id, flow.status, flow.version === null ? '–' : `v${flow.version}`, flow.name]),
      ]),
    );
  },
};

export const flowExport: Command = {
  usage: 'flow export <flowId>',
  summary: 'Prints a flow as a document that `flow import` reads. Holds no secrets and no connections.',
  options: {},
  async run({ client, positionals, print }) {
    const flowId = positional(positionals, 0, 'flowId');
    print(JSON.stringify(await client.get(`/v1/flows/${encodeURIComponent(flowId)}/export`, z.json()), null, 2));
  },
};

export const flowImport: Command = {
  usage: 'flow import <file>',
  summary: 'Makes a new flow, switched off, from an exported document.',
  options: {},
  async run({ client, positionals, print }) {
    const file = positional(positionals, 0, 'file');
    const flow = await client.post('/v1/flows/import', parseJson(await readFile(file, 'utf8'), 'file'), flowSchema);
    print(`${flow.id}  ${flow.name}`);
  },
};

export const flowPublish: Command = {
  usage: 'flow publish <flowId> [--note <text>]',
  summary: 'Publishes the draft: validated, compiled, and live at once.',
  options: { note: { type: 'string' } },
  async run({ client, positionals, options, print }) {
    const flowId = positional(positionals, 0, 'flowId');
    const body = typeof options['note'] === 'string' ? { note: options['note'] } : {};
    const version = await client.post(
      `/v1/flows/${encodeURIComponent(flowId)}/publish`,
      body,
      flowVersionSummarySchema,
    );
    print(`Version ${version.version} is live.`);
  },
};

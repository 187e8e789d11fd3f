import { connectionLimitsSchema, flowLimitsSchema, orgLimitsSchema } from '@everwave/schema/api';
import * as z from 'zod';
import { type Command, parseJson, UsageError } from '../command.ts';

const json = { type: 'string' } as const;
const options = { flow: json, connection: json } as const;

const limitsSchema = z.union([flowLimitsSchema, orgLimitsSchema, connectionLimitsSchema]);

const addressOf = (given: Readonly<Record<string, unknown>>): string => {
  const { flow, connection } = given;
  if (typeof flow === 'string' && typeof connection === 'string') throw new UsageError('Name a flow or a connection.');
  if (typeof flow === 'string') return `/v1/flows/${encodeURIComponent(flow)}/limits`;
  if (typeof connection === 'string') return `/v1/connections/${encodeURIComponent(connection)}/limits`;
  return '/v1/limits';
};

export const limitsShow: Command = {
  usage: 'limits show [--flow <flowId> | --connection <connectionId>]',
  summary: 'Shows what limits the org, a flow or a connection, and how far it is used.',
  options,
  async run({ client, options: given, print }) {
    print(JSON.stringify(await client.get(addressOf(given), limitsSchema), null, 2));
  },
};

export const limitsSet: Command = {
  usage: 'limits set --to <json> [--flow <flowId> | --connection <connectionId>]',
  summary: 'Replaces these limits; `--to {}` takes them away.',
  options: { ...options, to: json },
  async run({ client, options: given, print }) {
    const { to } = given;
    if (typeof to !== 'string') throw new UsageError('Missing --to, such as --to \'{ "runs": { "atOnce": 5 } }\'.');
    print(JSON.stringify(await client.put(addressOf(given), parseJson(to, 'to'), limitsSchema), null, 2));
  },
};

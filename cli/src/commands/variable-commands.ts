import { variableListSchema, variableSchema } from '@everwave/schema/api';
import { type VariableType, variableTypes } from '@everwave/schema/flow';
import { type Command, parseJson, positional, UsageError } from '../command.ts';
import { harmless, table } from '../format.ts';

const addressOf = (name: string): string => `/v1/variables/${encodeURIComponent(name)}`;

export const variableList: Command = {
  usage: 'variable list',
  summary: 'Lists the variables that expressions read as env.NAME; of secret ones the names.',
  options: {},
  async run({ client, print }) {
    const { items } = await client.get('/v1/variables', variableListSchema);
    if (items.length === 0) return print('There is no variable.');
    const rows = items.map(({ name, type, value, usedBy, usedByOthers, description }) => [
      name,
      type,
      type === 'secret' ? '(secret)' : harmless(JSON.stringify(value)),
      harmless(
        [...usedBy.map((use) => use.name), ...(usedByOthers > 0 ? [`${usedByOthers} kept for others`] : [])].join(', '),
      ),
      harmless(description),
    ]);
    print(table([['NAME', 'TYPE', 'VALUE', 'READ BY', 'DESCRIPTION'], ...rows]));
  },
};

export const variableSet: Command = {
  usage:
    'variable set <NAME> [<value>] [--type string|number|boolean|json|secret] [--from-env <variable>] [--description <text>]',
  summary: 'Adds or replaces a variable. A secret is taken from the environment, not from the command line.',
  options: { type: { type: 'string' }, 'from-env': { type: 'string' }, description: { type: 'string' } },
  async run({ client, environment, positionals, options, print }) {
    const name = positional(positionals, 0, 'NAME');
    const type = typeOf(options['type'] ?? 'string');
    const source = options['from-env'];
    const text = typeof source === 'string' ? environment[source] : positionals[1];
    if (type === 'secret' && typeof source !== 'string') {
      throw new UsageError(
        'Give a secret with --from-env <variable>: what stands on a command line is seen by others.',
      );
    }
    if (text === undefined) {
      throw new UsageError(typeof source === 'string' ? `${source} is not set.` : 'Missing <value>.');
    }
    const value = type === 'string' || type === 'secret' ? text : parseJson(text, 'type value');
    const set = await client.put(addressOf(name), { type, value, description: options['description'] }, variableSchema);
    print(`${set.name} is set.`);
  },
};

const typeOf = (given: unknown): VariableType => {
  const type = variableTypes.find((each) => each === given);
  if (type === undefined) throw new UsageError(`--type is one of: ${variableTypes.join(', ')}.`);
  return type;
};

export const variableUnset: Command = {
  usage: 'variable unset <NAME>',
  summary: 'Deletes a variable that no live flow reads.',
  options: {},
  async run({ client, positionals, print }) {
    const name = positional(positionals, 0, 'NAME');
    await client.delete(addressOf(name));
    print(`${harmless(name)} is deleted.`);
  },
};

import { maskedFieldListSchema, maskedFieldSchema } from '@everwave/schema/api';
import { type Command, positional } from '../command.ts';
import { harmless, table } from '../format.ts';

const addressOf = (field: string): string => `/v1/masked-fields/${encodeURIComponent(field)}`;

export const maskedFieldList: Command = {
  usage: 'masked-field list',
  summary: 'Lists the fields whose values are masked in what is recorded of runs.',
  options: {},
  async run({ client, print }) {
    const { items } = await client.get('/v1/masked-fields', maskedFieldListSchema);
    if (items.length === 0) return print('No field is masked.');
    const rows = items.map(({ field, createdBy, createdAt }) => [harmless(field), harmless(createdBy), createdAt]);
    print(table([['FIELD', 'MASKED BY', 'SINCE'], ...rows]));
  },
};

export const maskedFieldAdd: Command = {
  usage: 'masked-field add <field>',
  summary: 'Masks a field, such as email, card.number or customer.*, at any depth of every value.',
  options: {},
  async run({ client, positionals, print }) {
    const { field } = await client.put(addressOf(positional(positionals, 0, 'field')), undefined, maskedFieldSchema);
    print(`${harmless(field)} is masked.`);
  },
};

export const maskedFieldRemove: Command = {
  usage: 'masked-field remove <field>',
  summary: 'Shows a masked field again, also in runs that are recorded already.',
  options: {},
  async run({ client, positionals, print }) {
    const field = positional(positionals, 0, 'field');
    await client.delete(addressOf(field));
    print(`${harmless(field)} is shown again.`);
  },
};

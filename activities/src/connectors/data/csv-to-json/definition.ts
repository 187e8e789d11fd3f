import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';

export const dataCsvToJson = defineNode({
  kind: 'data.csvToJson',
  version: 1,
  title: 'CSV to JSON',
  summary: 'Reads CSV text into a list of records.',
  effect: 'reads',
  credential: null,
  input: z.strictObject({
    csv: z.string().max(1_000_000).meta({ title: 'CSV', widget: 'template' }),
    delimiter: z.enum(['comma', 'semicolon', 'tab', 'pipe']).default('comma').meta({ title: 'Separator' }),
    header: z.boolean().default(true).meta({
      title: 'First line holds the names',
      description: 'Without it the columns are named column1, column2 and so on.',
    }),
    trim: z.boolean().default(true).meta({ title: 'Remove spaces around values' }),
    readNumbers: z.boolean().default(false).meta({
      title: 'Read numbers and true/false',
      description: 'Numbers that would lose digits, and those with leading zeros, stay text.',
    }),
  }),
  output: z.strictObject({
    records: z.array(z.record(z.string(), z.json())).meta({ title: 'Records' }),
    columns: z.array(z.string()).meta({ title: 'Columns' }),
    count: z.int().meta({ title: 'Number of records' }),
  }),
  failures: {
    invalid_csv: 'The text is no CSV of this kind. The message names the line; check separator and quotes.',
  },
  activity: {
    startToCloseTimeout: '20s',
    scheduleToCloseTimeout: '5m',
    retry: {
      initialInterval: '1s',
      maximumInterval: '10s',
      maximumAttempts: 3,
      nonRetryableErrorTypes: ['invalid_csv'],
    },
  },
  idempotency: { by: 'nature' },
  meters: {},
  examples: [
    {
      title: 'Two orders',
      input: { csv: 'id,total\nA-1,10\nA-2,20', readNumbers: true },
      output: {
        records: [
          { id: 'A-1', total: 10 },
          { id: 'A-2', total: 20 },
        ],
        columns: ['id', 'total'],
        count: 2,
      },
    },
  ],
});

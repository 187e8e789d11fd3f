import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';

export const dataJsonToCsv = defineNode({
  kind: 'data.jsonToCsv',
  version: 1,
  title: 'JSON to CSV',
  summary: 'Writes a list of records as CSV text.',
  effect: 'reads',
  credential: null,
  input: z.strictObject({
    records: z.array(z.record(z.string(), z.json())).max(100_000).meta({ title: 'Records', widget: 'json' }),
    columns: z.array(z.string().min(1)).default([]).meta({
      title: 'Columns',
      description: 'Which fields, in which order. Empty: every field, in order of appearance.',
    }),
    delimiter: z.enum(['comma', 'semicolon', 'tab', 'pipe']).default('comma').meta({ title: 'Separator' }),
    header: z.boolean().default(true).meta({ title: 'First line holds the names' }),
    formulas: z.enum(['escape', 'keep']).default('escape').meta({
      title: 'Values that a spreadsheet would run',
      description:
        'escape: an apostrophe before = + - @ makes them text. keep: only for readers that are no spreadsheet.',
    }),
  }),
  output: z.strictObject({
    csv: z.string().meta({ title: 'CSV' }),
    count: z.int().meta({ title: 'Number of records' }),
  }),
  failures: {},
  activity: {
    startToCloseTimeout: '20s',
    scheduleToCloseTimeout: '5m',
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 3, nonRetryableErrorTypes: [] },
  },
  idempotency: { by: 'nature' },
  meters: {},
  examples: [
    {
      title: 'One order',
      input: { records: [{ id: 'A-1', total: 10 }] },
      output: { csv: 'id,total\nA-1,10\n', count: 1 },
    },
  ],
});

import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';

const field = z
  .string()
  .min(1)
  .max(500)
  .meta({ title: 'Field', description: 'A name, or a path such as customer.email.' });

const ruleSchema = z.discriminatedUnion('check', [
  z.strictObject({
    field,
    check: z
      .enum(['present', 'text', 'number', 'integer', 'boolean', 'email', 'url', 'date', 'dateTime'])
      .meta({ title: 'Check' }),
  }),
  z.strictObject({
    field,
    check: z.enum(['minimum', 'maximum', 'minLength', 'maxLength']).meta({ title: 'Check' }),
    value: z.number().meta({ title: 'Limit' }),
  }),
  z.strictObject({
    field,
    check: z.literal('pattern').meta({ title: 'Check' }),
    value: z.string().min(1).max(1000).meta({ title: 'Pattern', description: 'A regular expression in RE2’s syntax.' }),
  }),
  z.strictObject({
    field,
    check: z.literal('oneOf').meta({ title: 'Check' }),
    value: z.array(z.json()).min(1).meta({ title: 'Choices' }),
  }),
]);
export type Rule = z.infer<typeof ruleSchema>;

export const dataValidate = defineNode({
  kind: 'data.validate',
  version: 1,
  title: 'Validate records',
  summary: 'Sorts records into valid and invalid ones, each invalid one with its reasons.',
  effect: 'reads',
  credential: null,
  input: z
    .strictObject({
      records: z.array(z.json()).max(100_000).meta({ title: 'Records', widget: 'json' }),
      rules: z.array(ruleSchema).max(500).default([]).meta({
        title: 'Rules',
        description: 'Every rule has to hold. A field that is missing breaks only the rule present.',
      }),
      schema: z
        .union([z.boolean(), z.record(z.string(), z.json())])
        .optional()
        .meta({
          title: 'JSON Schema',
          description: '2020-12, without references.',
          widget: 'json',
        }),
    })
    .refine(({ rules, schema }) => rules.length > 0 || schema !== undefined, {
      error: 'Give at least one rule, or a JSON Schema.',
      path: ['rules'],
    }),
  output: z.strictObject({
    valid: z.array(z.json()).meta({ title: 'Valid records' }),
    invalid: z
      .array(
        z.strictObject({
          index: z.int().meta({ title: 'Place in the list, from 0' }),
          record: z.json().meta({ title: 'Record' }),
          reasons: z.array(z.string()).meta({ title: 'Reasons' }),
        }),
      )
      .meta({ title: 'Invalid records' }),
    allValid: z.boolean().meta({ title: 'All are valid' }),
  }),
  failures: {
    unsupported_schema: 'The message names the place in the schema. Write it another way, or use rules.',
  },
  activity: {
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '5m',
    retry: {
      initialInterval: '1s',
      maximumInterval: '10s',
      maximumAttempts: 3,
      nonRetryableErrorTypes: ['unsupported_schema'],
    },
  },
  idempotency: { by: 'nature' },
  meters: {},
  examples: [
    {
      title: 'Orders need an e-mail address and a positive total',
      input: {
        records: [
          { email: 'ada@example.com', total: 10 },
          { email: 'nobody', total: 0 },
        ],
        rules: [
          { field: 'email', check: 'email' },
          { field: 'total', check: 'minimum', value: 1 },
        ],
      },
      output: {
        valid: [{ email: 'ada@example.com', total: 10 }],
        invalid: [
          { index: 1, record: { email: 'nobody', total: 0 }, reasons: ['email is no email', 'total is less than 1'] },
        ],
        allValid: false,
      },
    },
  ],
});

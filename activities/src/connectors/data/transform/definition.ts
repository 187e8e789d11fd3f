import { defineNode } from '@everwave/schema/node';
import * as z from 'zod';

const pathSchema = z
  .string()
  .regex(/^[^.[\]]{1,100}(\.[^.[\]]{1,100}){0,19}$/, 'A path is names separated by dots: customer.address.city.')
  .refine((path) => !path.split('.').includes('__proto__'), 'This name is not possible.');

export const dataTransform = defineNode({
  kind: 'data.transform',
  version: 1,
  title: 'Transform data',
  summary: 'Builds one object: starts from another, sets fields to values, and removes fields.',
  effect: 'reads',
  credential: null,
  input: z.strictObject({
    base: z.record(z.string(), z.json()).default({}).meta({
      title: 'Start from',
      description: 'An object whose fields are kept; empty for none.',
      widget: 'json',
    }),
    fields: z.record(pathSchema, z.json()).meta({
      title: 'Fields',
      description: 'Each name, or path such as customer.name, and its value.',
      widget: 'mapping',
    }),
    remove: z.array(pathSchema).default([]).meta({ title: 'Remove', description: 'Names or paths to leave out.' }),
  }),
  output: z.strictObject({ value: z.record(z.string(), z.json()).meta({ title: 'Value' }) }),
  failures: {
    path_conflict: 'Two fields want the same place: one as a value, one as an object around others. Rename one.',
  },
  activity: {
    startToCloseTimeout: '10s',
    scheduleToCloseTimeout: '5m',
    retry: {
      initialInterval: '1s',
      maximumInterval: '10s',
      maximumAttempts: 3,
      nonRetryableErrorTypes: ['path_conflict'],
    },
  },
  idempotency: { by: 'nature' },
  meters: {},
  examples: [
    {
      title: 'Shape a customer',
      input: {
        base: { id: 'c_7', note: 'internal' },
        fields: { 'contact.email': 'ada@example.com', vip: true },
        remove: ['note'],
      },
      output: { value: { id: 'c_7', contact: { email: 'ada@example.com' }, vip: true } },
    },
  ],
});

import * as z from 'zod';
import { roles } from '../api/permissions.ts';
import { conditionSchema } from './conditions.ts';
import { eventNameSchema } from './event-fields.ts';
import { durationSchema } from './graph.ts';

const template = z.string().min(1);

const timeout = durationSchema.optional().meta({
  title: 'At the latest after',
  description: 'A number and a unit: 30m, 2h, 3d. Then the way out "timeout" is taken.',
  widget: 'duration',
});

const fieldSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z][a-zA-Z0-9_]{0,59}$/)
    .meta({ title: 'Name', literal: true, message: 'starts with a letter and holds letters, digits and underscores' }),
  title: z.string().min(1).max(120).optional().meta({ title: 'Label', literal: true }),
  type: z.enum(['text', 'number', 'boolean', 'choice', 'date']).meta({
    title: 'Kind',
    labels: { text: 'Text', number: 'Number', boolean: 'Yes or no', choice: 'Choice', date: 'Date' },
    literal: true,
  }),
  required: z.boolean().default(false).meta({ title: 'Needed', literal: true }),
  choices: z.array(z.string().min(1).max(200)).max(100).optional().meta({ title: 'Choices', literal: true }),
});

export const waitForEventInput = z.strictObject({
  event: eventNameSchema,
  correlationKey: template.meta({
    title: 'Correlation key',
    description:
      'Which event of this name is meant: {{ trigger.body.orderId }}. Seen in plain text by whoever operates Temporal.',
    widget: 'template',
  }),
  match: conditionSchema.optional().meta({
    title: 'Only when',
    description: 'Reads the event as event.data.<field>. An event that does not fit is passed over.',
    widget: 'condition',
  }),
  timeout,
});

const count = (title: string) => z.int().min(1).max(50).default(1).meta({ title, literal: true });

export const approvalInput = z.strictObject({
  subject: template.max(2_000).optional().meta({
    title: 'Question',
    description: 'What is to be decided; the title of the step when left out.',
    widget: 'template',
  }),
  message: template.max(20_000).optional().meta({ title: 'Message', widget: 'template' }),
  fields: z
    .array(fieldSchema)
    .max(30)
    .default([])
    .meta({ title: 'Form', description: 'What whoever approves fills in.' }),
  roles: z.array(z.enum(roles)).max(roles.length).default([]).meta({
    title: 'Who may answer: roles',
    description: 'A role with more rights may answer too. Without roles and people: operators.',
    literal: true,
  }),
  people: z
    .array(template)
    .max(50)
    .default([])
    .meta({ title: 'Who may answer: people', description: 'E-mail addresses of members, or expressions.' }),
  approvals: count('Approvals needed'),
  rejections: count('Rejections that end it'),
  timeout,
});

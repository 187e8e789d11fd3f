import * as z from 'zod';
import { jsonSchema } from '../flow/graph.ts';
import { variableNamePattern, variableTypes } from '../flow/variables.ts';
import { flowIdSchema } from '../ids.ts';
import { momentSchema } from './values.ts';

export const variableNameSchema = z
  .string()
  .regex(
    variableNamePattern,
    'Write it with capital letters, digits and underscores, a letter first, at most 64 characters.',
  )
  .meta({ description: 'What expressions read as `env.NAME`.', examples: ['REGION'] });

export const variableSchema = z
  .object({
    name: variableNameSchema,
    type: z.enum(variableTypes),
    description: z.string().meta({ description: 'What it is for.' }),
    value: jsonSchema.meta({ description: 'Null for a secret one: no answer ever holds its value.' }),
    usedBy: z
      .array(z.object({ flowId: flowIdSchema, name: z.string() }))
      .meta({ description: 'Live flows that read it, as far as the caller may see them.' }),
    usedByOthers: z
      .int()
      .min(0)
      .meta({ description: 'How many more live flows read it, which are kept from the caller.' }),
    updatedBy: z.string(),
    createdAt: momentSchema,
    updatedAt: momentSchema,
  })
  .meta({ id: 'Variable' });

export const variableListSchema = z.object({ items: z.array(variableSchema) }).meta({ id: 'VariableList' });

export const setVariableRequestSchema = z
  .strictObject({
    type: z.enum(variableTypes),
    value: jsonSchema.optional().meta({
      description:
        'Of the type; a secret is a text of 8 characters or more. Absent: a variable of this type keeps the value that it has.',
    }),
    description: z.string().trim().max(500).optional().meta({ description: 'Absent: it stays as it is.' }),
  })
  .meta({ id: 'SetVariableRequest' });

export type Variable = z.infer<typeof variableSchema>;
export type SetVariable = z.infer<typeof setVariableRequestSchema>;

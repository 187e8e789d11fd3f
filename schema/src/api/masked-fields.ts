import * as z from 'zod';
import { maskedFieldPattern } from '../run/masking.ts';
import { momentSchema } from './values.ts';

export const maskedFieldNameSchema = z
  .string()
  .max(200)
  .regex(maskedFieldPattern, 'Write names with dots between them, as in `card.number`; `*` is any one name.')
  .transform((name) => name.toLowerCase())
  .meta({
    description: 'Where a way through a value ends, at any depth: `email`, `card.number`, `customer.*`.',
    examples: ['card.number'],
  });

export const maskedFieldSchema = z
  .object({ field: z.string(), createdBy: z.string(), createdAt: momentSchema })
  .meta({ id: 'MaskedField' });

export const maskedFieldListSchema = z.object({ items: z.array(maskedFieldSchema) }).meta({ id: 'MaskedFieldList' });

/** Query of what shows values of runs. */
export const unmaskQuery = {
  unmask: z.stringbool().default(false).meta({
    description:
      'With true, masked fields are shown. Needs the permission values:unmask, and is written in the audit log.',
  }),
};

export type MaskedField = z.infer<typeof maskedFieldSchema>;

import * as z from 'zod';
import { orgIdSchema } from '../ids.ts';

const orgName = z.string().trim().min(1, 'Give the organisation a name.').max(120, 'Use at most 120 characters.');
const orgSlug = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'Use up to 63 lower-case letters, digits and dashes, with no dash at either end.',
  );

/** The tenant itself. */
export const orgSchema = z.object({ id: orgIdSchema, name: z.string(), slug: z.string() }).meta({ id: 'Org' });

export const updateOrgRequestSchema = z
  .strictObject({ name: orgName.optional(), slug: orgSlug.optional() })
  .meta({ id: 'UpdateOrgRequest' });

export type Org = z.infer<typeof orgSchema>;

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

/** Without a slug it gets one that is made of its name. */
export const createOrgRequestSchema = z
  .strictObject({ name: orgName, slug: orgSlug.optional() })
  .meta({ id: 'CreateOrgRequest' });

/** What goes with an org when it is deleted. */
export const orgDeletionPreviewSchema = z
  .object({
    name: z.string().meta({ description: 'What has to be typed to confirm.' }),
    people: z.int(),
    flows: z.int(),
    runs: z.int(),
    openRuns: z.int().meta({ description: 'They have to end first, or be cancelled with it.' }),
    connections: z.int(),
    apiKeys: z.int(),
    isLast: z.boolean().meta({ description: 'The only one of the installation cannot be deleted.' }),
  })
  .meta({ id: 'OrgDeletionPreview' });

export const deleteOrgRequestSchema = z
  .strictObject({
    name: z.string().max(200).meta({ description: 'The name of the org, typed to confirm.' }),
    password: z.string().min(1, 'Enter your password.').max(256),
    cancelRuns: z
      .boolean()
      .default(false)
      .meta({ description: 'True to switch its flows off and to cancel the runs that are open.' }),
  })
  .meta({ id: 'DeleteOrgRequest' });

export type DeleteOrgRequest = z.infer<typeof deleteOrgRequestSchema>;
export type OrgDeletionPreview = z.infer<typeof orgDeletionPreviewSchema>;
export type Org = z.infer<typeof orgSchema>;

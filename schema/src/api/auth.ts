import * as z from 'zod';
import { orgIdSchema } from '../ids.ts';
import { permissions, roles } from './permissions.ts';

/** Whoever asks: a person with a session, or an API key. */
export const meSchema = z
  .object({
    user: z.object({ id: z.string(), name: z.string(), email: z.string(), username: z.string().nullable() }).nullable(),
    serviceAccount: z.object({ id: z.string(), name: z.string() }).nullable(),
    apiKey: z.object({ id: z.string(), name: z.string() }).nullable(),
    org: z.object({ id: orgIdSchema, name: z.string() }),
    role: z.enum(roles).meta({
      description: "A built-in role; of one of the org's own roles, the greatest built-in one it holds in full.",
    }),
    roleName: z.string(),
    permissions: z.array(z.enum(permissions)),
    isInstanceAdministrator: z
      .boolean()
      .meta({ description: 'True for a person who looks after the accounts of this installation.' }),
    mustFirst: z
      .enum(['verify_email', 'enrol_second_factor'])
      .nullable()
      .meta({ description: 'What you have to do before anything else is open to you.' }),
  })
  .meta({ id: 'Me' });

/** Whether this installation still waits for its first owner. */
export const setupStateSchema = z.object({ needed: z.boolean() }).meta({ id: 'SetupState' });

export const passwordSchema = z
  .string()
  .min(12, 'Choose a password of at least 12 characters.')
  .max(256, 'Choose a password of at most 256 characters.');

/** Answers the one-time link that the first start prints. */
export const setupRequestSchema = z
  .strictObject({
    token: z.string().min(1).max(200),
    name: z.string().trim().min(1).max(120),
    email: z.email().max(254),
    password: passwordSchema,
  })
  .meta({ id: 'SetupRequest' });

export const setupReplySchema = z
  .object({ userId: z.string(), orgId: orgIdSchema, role: z.literal('owner') })
  .meta({ id: 'SetupReply' });

export type Me = z.infer<typeof meSchema>;
export type SetupState = z.infer<typeof setupStateSchema>;
export type SetupRequest = z.infer<typeof setupRequestSchema>;
export type SetupReply = z.infer<typeof setupReplySchema>;

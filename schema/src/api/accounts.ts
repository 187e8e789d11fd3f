import * as z from 'zod';
import { orgIdSchema } from '../ids.ts';
import { roleReferenceSchema } from './roles.ts';
import { momentSchema, pageQuery } from './values.ts';

/** A person on this installation, as its administrators see them. */
export const accountSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    isEmailVerified: z.boolean(),
    isInstanceAdministrator: z.boolean(),
    hasSecondFactor: z.boolean(),
    lastSignInAt: momentSchema.nullable(),
    createdAt: momentSchema,
    suspendedAt: momentSchema.nullable().meta({
      description: 'Since when the person can neither sign in nor use a session, a token or a key they made.',
    }),
    orgs: z
      .array(z.object({ id: orgIdSchema, name: z.string(), role: roleReferenceSchema, roleName: z.string() }))
      .meta({ description: 'The organisations that the person belongs to, by name.' }),
  })
  .meta({ id: 'Account' });

export const accountListSchema = z
  .object({ items: z.array(accountSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'AccountList' });

export const accountStates = ['all', 'active', 'suspended', 'administrators'] as const;

export const listAccountsQuerySchema = z.object({
  ...pageQuery,
  text: z.string().max(200).optional().meta({ description: 'A part of the name or of the e-mail address.' }),
  state: z.enum(accountStates).default('all'),
});

export type Account = z.infer<typeof accountSchema>;
export type AccountList = z.infer<typeof accountListSchema>;
export type ListAccountsQuery = z.output<typeof listAccountsQuerySchema>;

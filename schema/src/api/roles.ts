import * as z from 'zod';
import { roleIdSchema } from '../ids.ts';
import { type Permission, permissions, roles } from './permissions.ts';
import { momentSchema } from './values.ts';

/** A set of permissions: sorted and without repetition, however it was sent. */
export const permissionSetSchema = z
  .array(z.enum(permissions))
  .max(200)
  .transform((given): Permission[] => permissions.filter((permission) => given.includes(permission)));

/** Every role that a person, a key or a service account of an org can have. */
export const roleReferenceSchema = z.union([z.enum(roles), roleIdSchema]).meta({
  description: "A built-in role, or the id of one of the org's own.",
});

/** Roles that are given. Ownership is offered and accepted instead, and no program has it. */
export const givenRoleSchema = z.union([z.enum(roles).exclude(['owner']), roleIdSchema]).meta({
  description: "A built-in role other than owner, or the id of one of the org's own.",
});

export const roleSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    isBuiltIn: z.boolean(),
    permissions: z.array(z.enum(permissions)),
    usedBy: z.object({
      people: z.int(),
      invitations: z.int(),
      serviceAccounts: z.int(),
      apiKeys: z.int(),
      grants: z.int(),
    }),
    createdAt: momentSchema.nullable(),
    updatedAt: momentSchema.nullable(),
  })
  .meta({ id: 'Role' });

export const roleListSchema = z.object({ items: z.array(roleSchema) }).meta({ id: 'RoleList' });

const isBuiltInName = (name: string): boolean => roles.some((role) => role === name.toLowerCase());
const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .refine((name) => !isBuiltInName(name), 'A built-in role has this name.');
const descriptionSchema = z.string().trim().max(500);

export const createRoleRequestSchema = z
  .strictObject({ name: nameSchema, description: descriptionSchema.default(''), permissions: permissionSetSchema })
  .meta({ id: 'CreateRoleRequest' });

export const updateRoleRequestSchema = z
  .strictObject({ name: nameSchema, description: descriptionSchema, permissions: permissionSetSchema })
  .partial()
  .meta({ id: 'UpdateRoleRequest' });

export type RoleReference = z.infer<typeof roleReferenceSchema>;
export type OrgRole = z.infer<typeof roleSchema>;
export type CreateRoleRequest = z.infer<typeof createRoleRequestSchema>;
export type UpdateRoleRequest = z.infer<typeof updateRoleRequestSchema>;

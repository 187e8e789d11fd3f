import * as z from 'zod';
import { folderIdSchema } from '../ids.ts';
import { roleReferenceSchema } from './roles.ts';
import { momentSchema } from './values.ts';

/** Who can be given access: people, and programs. */
export const granteeKinds = ['user', 'team', 'serviceAccount', 'apiKey'] as const;

const granteeSchema = z.strictObject({ kind: z.enum(granteeKinds), id: z.string().min(1).max(100) });

/** Why somebody sees a thing. */
const reasonSchema = z.object({
  by: z.enum(['role', 'manager', 'grant']).meta({
    description: 'Their role in the organisation; that they manage roles, where it is restricted; or a grant.',
  }),
  roleName: z.string(),
  on: z.enum(['flow', 'folder', 'connection']).nullable().meta({ description: 'What the grant is on.' }),
  team: z.string().nullable().meta({ description: 'The team that the grant was given to.' }),
});

/** Who may reach one flow, the flows of one folder, or one connection. */
export const accessSchema = z
  .object({
    revision: z.string().meta({ description: 'Another one with each change of what is set here.' }),
    isRestricted: z.boolean().meta({ description: 'Only who has a grant, and whoever manages roles, reaches it.' }),
    grants: z.array(
      z.object({
        grantee: granteeSchema.extend({ name: z.string() }),
        role: z.string().nullable().meta({ description: 'Null for the role that they have in the org.' }),
        roleName: z.string().nullable(),
      }),
    ),
    folder: z
      .object({ id: folderIdSchema, name: z.string(), isRestricted: z.boolean() })
      .nullable()
      .meta({ description: 'The folder of a flow: what is said of it holds for the flow, too.' }),
    reachedBy: z
      .array(z.object({ holder: granteeSchema.extend({ name: z.string() }), because: z.array(reasonSchema) }))
      .meta({ description: 'Everybody who sees it, with all that lets them in.' }),
  })
  .meta({ id: 'Access' });

export const granteeListSchema = z
  .object({
    items: z.array(
      granteeSchema.extend({
        name: z.string(),
        detail: z.string().nullable().meta({ description: 'An address, or how a key begins.' }),
      }),
    ),
  })
  .meta({ id: 'GranteeList' });

export const setAccessRequestSchema = z
  .strictObject({
    revision: z.string().max(100).optional().meta({
      description: 'What was read: refused as `access_changed` when somebody has changed it since.',
    }),
    isRestricted: z.boolean(),
    grants: z
      .array(z.strictObject({ grantee: granteeSchema, role: roleReferenceSchema.nullable().default(null) }))
      .max(500)
      .refine(
        (given) => new Set(given.map(({ grantee }) => `${grantee.kind} ${grantee.id}`)).size === given.length,
        'Somebody is named twice.',
      ),
  })
  .meta({ id: 'SetAccessRequest' });

export const folderSchema = z
  .object({
    id: folderIdSchema,
    name: z.string(),
    flows: z.int().meta({ description: 'How many flows in it you may see.' }),
    isRestricted: z.boolean(),
    createdAt: momentSchema,
  })
  .meta({ id: 'Folder' });

export const folderListSchema = z.object({ items: z.array(folderSchema) }).meta({ id: 'FolderList' });

export const folderRequestSchema = z
  .strictObject({ name: z.string().trim().min(1).max(80) })
  .meta({ id: 'FolderRequest' });

export const moveFlowRequestSchema = z
  .strictObject({ folderId: folderIdSchema.nullable().meta({ description: 'Null for no folder.' }) })
  .meta({ id: 'MoveFlowRequest' });

export type AccessOf = z.infer<typeof accessSchema>;
export type GranteeList = z.infer<typeof granteeListSchema>;
export type SetAccessRequest = z.infer<typeof setAccessRequestSchema>;
export type Folder = z.infer<typeof folderSchema>;
export type FolderRequest = z.infer<typeof folderRequestSchema>;

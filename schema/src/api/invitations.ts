import * as z from 'zod';
import { orgIdSchema } from '../ids.ts';
import { passwordSchema } from './auth.ts';
import { givenRoleSchema, roleReferenceSchema } from './roles.ts';
import { momentSchema } from './values.ts';

/** Somebody who was asked into an org and has not answered yet. */
export const invitationSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    role: roleReferenceSchema,
    roleName: z.string(),
    invitedBy: z.string(),
    createdAt: momentSchema,
    sentAt: momentSchema.nullable(),
    expiresAt: momentSchema,
    isExpired: z.boolean(),
  })
  .meta({ id: 'Invitation' });

export const invitationListSchema = z.object({ items: z.array(invitationSchema) }).meta({ id: 'InvitationList' });

export const createInvitationRequestSchema = z
  .strictObject({ email: z.email().max(254), role: givenRoleSchema })
  .meta({ id: 'CreateInvitationRequest' });

/** The token of the mailed link. */
const token = z.string().min(1).max(200);

export const openInvitationRequestSchema = z.strictObject({ token }).meta({ id: 'OpenInvitationRequest' });

/** What an invitation says to whoever holds its link. */
export const openedInvitationSchema = z
  .object({
    orgName: z.string(),
    email: z.string(),
    role: roleReferenceSchema,
    roleName: z.string(),
    invitedBy: z.string(),
    expiresAt: momentSchema,
    hasAccount: z.boolean().meta({ description: 'True when somebody with this address is here already: sign in.' }),
  })
  .meta({ id: 'OpenedInvitation' });

/** By a person who is new here. */
export const joinRequestSchema = z
  .strictObject({ token, name: z.string().trim().min(1).max(120), password: passwordSchema })
  .meta({ id: 'JoinRequest' });

export const joinedSchema = z.object({ orgId: orgIdSchema }).meta({ id: 'Joined' });

export type Invitation = z.infer<typeof invitationSchema>;
export type OpenedInvitation = z.infer<typeof openedInvitationSchema>;
export type CreateInvitationRequest = z.infer<typeof createInvitationRequestSchema>;
export type JoinRequest = z.infer<typeof joinRequestSchema>;

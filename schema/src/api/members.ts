import * as z from 'zod';
import { orgIdSchema } from '../ids.ts';
import { givenRoleSchema, roleReferenceSchema } from './roles.ts';
import { momentSchema } from './values.ts';

/** A person in an org. */
export const memberSchema = z
  .object({
    id: z.string(),
    userId: z.string(),
    name: z.string(),
    email: z.string(),
    role: roleReferenceSchema,
    roleName: z.string(),
    joinedAt: momentSchema,
    lastSignInAt: momentSchema.nullable(),
  })
  .meta({ id: 'Member' });

export const memberListSchema = z.object({ items: z.array(memberSchema) }).meta({ id: 'MemberList' });

/** Nobody becomes an owner like this: ownership is offered and accepted. */
export const changeMemberRequestSchema = z.strictObject({ role: givenRoleSchema }).meta({ id: 'ChangeMemberRequest' });

/** An org that the person belongs to. */
export const myOrgSchema = z
  .object({
    id: orgIdSchema,
    name: z.string(),
    slug: z.string(),
    role: roleReferenceSchema,
    isActive: z.boolean().meta({ description: 'True for the org that this session works in.' }),
  })
  .meta({ id: 'MyOrg' });

export const myOrgListSchema = z
  .object({
    items: z.array(myOrgSchema),
    mayCreate: z.boolean().meta({ description: 'True for whoever may make another org here.' }),
  })
  .meta({ id: 'MyOrgList' });

export const switchOrgRequestSchema = z.strictObject({ orgId: orgIdSchema }).meta({ id: 'SwitchOrgRequest' });

/** The password of whoever asks, once more. */
const currentPassword = z.string().min(1, 'Enter your password.').max(256);

export const offerOwnershipRequestSchema = z
  .strictObject({
    memberId: z.string().min(1).max(100),
    password: currentPassword,
    isShared: z.boolean().default(false).meta({ description: 'True to stay an owner as well.' }),
  })
  .meta({ id: 'OfferOwnershipRequest' });

export const acceptOwnershipRequestSchema = z
  .strictObject({ password: currentPassword })
  .meta({ id: 'AcceptOwnershipRequest' });

const partySchema = z.object({ memberId: z.string(), name: z.string(), email: z.string() });

export const ownershipOfferSchema = z
  .object({
    from: partySchema,
    to: partySchema,
    isShared: z.boolean(),
    createdAt: momentSchema,
    expiresAt: momentSchema,
  })
  .meta({ id: 'OwnershipOffer' });

export const ownershipSchema = z
  .object({ offer: ownershipOfferSchema.nullable().meta({ description: 'The offer that waits for an answer.' }) })
  .meta({ id: 'Ownership' });

export type Member = z.infer<typeof memberSchema>;
export type MyOrgList = z.infer<typeof myOrgListSchema>;
export type MyOrg = z.infer<typeof myOrgSchema>;
export type OwnershipOffer = z.infer<typeof ownershipOfferSchema>;
export type Ownership = z.infer<typeof ownershipSchema>;
export type OfferOwnershipRequest = z.infer<typeof offerOwnershipRequestSchema>;

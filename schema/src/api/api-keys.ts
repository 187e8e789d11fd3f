import * as z from 'zod';
import { permissions } from './permissions.ts';
import { givenRoleSchema, permissionSetSchema } from './roles.ts';
import { serviceAccountIdSchema } from '../ids.ts';
import { momentSchema } from './values.ts';

export const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    start: z.string().meta({ description: 'The first characters, to recognise it by.' }),
    role: z.string().meta({ description: 'Its own, or that of its service account.' }),
    roleName: z.string(),
    serviceAccount: z.object({ id: serviceAccountIdSchema, name: z.string() }).nullable(),
    scopes: z
      .array(z.enum(permissions))
      .nullable()
      .meta({ description: 'What it was cut to; null for all that its role holds.' }),
    permissions: z.array(z.enum(permissions)).meta({ description: 'What it may do now.' }),
    createdBy: z.object({ id: z.string(), name: z.string() }).nullable(),
    createdAt: momentSchema,
    expiresAt: momentSchema.nullable(),
    lastUsedAt: momentSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const apiKeyListSchema = z.object({ items: z.array(apiKeySchema) }).meta({ id: 'ApiKeyList' });

export const createApiKeyRequestSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(80),
    role: givenRoleSchema.optional().meta({ description: 'Left out, it is developer. Not for a service account.' }),
    serviceAccountId: serviceAccountIdSchema.optional(),
    scopes: permissionSetSchema
      .refine((chosen) => chosen.length > 0, 'Choose at least one permission.')
      .nullable()
      .default(null),
    expiresInDays: z.int().min(1).max(3_650).nullable().default(null),
  })
  .refine(({ role, serviceAccountId }) => role === undefined || serviceAccountId === undefined, {
    path: ['role'],
    message: 'A key of a service account has its role. Leave this out.',
  })
  .meta({ id: 'CreateApiKeyRequest' });

/** `key` is shown in this answer and never again. */
export const createdApiKeySchema = apiKeySchema.extend({ key: z.string() }).meta({ id: 'CreatedApiKey' });

export const serviceAccountSchema = z
  .object({
    id: serviceAccountIdSchema,
    name: z.string(),
    description: z.string(),
    role: z.string(),
    roleName: z.string(),
    apiKeys: z.int().meta({ description: 'How many keys it has.' }),
    disabledAt: momentSchema.nullable().meta({ description: 'Since then its keys are refused.' }),
    createdAt: momentSchema,
  })
  .meta({ id: 'ServiceAccount' });

export const serviceAccountListSchema = z
  .object({ items: z.array(serviceAccountSchema) })
  .meta({ id: 'ServiceAccountList' });

const fields = {
  name: z.string().trim().min(1).max(80),
  description: z.string().trim().max(500),
  role: givenRoleSchema,
};

export const createServiceAccountRequestSchema = z
  .strictObject({ ...fields, description: fields.description.default('') })
  .meta({ id: 'CreateServiceAccountRequest' });

export const updateServiceAccountRequestSchema = z
  .strictObject({ ...fields, isDisabled: z.boolean() })
  .partial()
  .meta({ id: 'UpdateServiceAccountRequest' });

export type ApiKey = z.infer<typeof apiKeySchema>;
export type CreateApiKeyRequest = z.input<typeof createApiKeyRequestSchema>;
export type NewApiKey = z.infer<typeof createApiKeyRequestSchema>;
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;
export type ServiceAccount = z.infer<typeof serviceAccountSchema>;
export type CreateServiceAccountRequest = z.infer<typeof createServiceAccountRequestSchema>;
export type UpdateServiceAccountRequest = z.infer<typeof updateServiceAccountRequestSchema>;

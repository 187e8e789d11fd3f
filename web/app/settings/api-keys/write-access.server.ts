import {
  type CreatedApiKey,
  createApiKeyRequestSchema,
  createdApiKeySchema,
  createServiceAccountRequestSchema,
  serviceAccountSchema,
} from '@everwave/schema/api';
import { serviceAccountIdSchema } from '@everwave/schema/ids';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';
import { unreachable } from '#app/words/unreachable.ts';

const formSchema = z.discriminatedUnion('intent', [
  z.object({
    intent: z.literal('create'),
    name: z.string(),
    /** A role, or the service account whose role it has. */
    holder: z.string(),
    isCut: z.literal('on').optional(),
    scopes: z.array(z.string()),
    expiresInDays: z.enum(['30', '90', '365', 'never']),
  }),
  z.object({ intent: z.literal('revoke'), keyId: z.string().regex(/^[\w-]{1,80}$/) }),
  z.object({ intent: z.literal('create-account'), name: z.string(), description: z.string(), role: z.string() }),
  z.object({ intent: z.enum(['disable', 'enable', 'delete-account']), accountId: serviceAccountIdSchema }),
]);

type Fields = z.output<typeof formSchema>;

export type AccessDeed =
  | { readonly did: 'created'; readonly key: CreatedApiKey }
  | { readonly did: 'revoked'; readonly keyId: string }
  | { readonly did: 'account-changed' };

const changed = { did: 'account-changed' } as const;

/** Throws the schema's own error: `write` says which fields it is about. */
const act = async (request: Request, fields: Fields): Promise<AccessDeed> => {
  switch (fields.intent) {
    case 'create':
      return {
        did: 'created',
        key: await callApi(request, '/v1/api-keys', createdApiKeySchema, { method: 'POST', body: toKey(fields) }),
      };
    case 'revoke':
      await callApi(request, `/v1/api-keys/${fields.keyId}`, z.unknown(), { method: 'DELETE' });
      return { did: 'revoked', keyId: fields.keyId };
    case 'create-account': {
      const { intent: _, ...given } = fields;
      const body = createServiceAccountRequestSchema.parse(given);
      await callApi(request, '/v1/service-accounts', serviceAccountSchema, { method: 'POST', body });
      return changed;
    }
    case 'disable':
    case 'enable': {
      const body = { isDisabled: fields.intent === 'disable' };
      await callApi(request, `/v1/service-accounts/${fields.accountId}`, serviceAccountSchema, {
        method: 'PATCH',
        body,
      });
      return changed;
    }
    case 'delete-account':
      await callApi(request, `/v1/service-accounts/${fields.accountId}`, z.unknown(), { method: 'DELETE' });
      return changed;
    default:
      throw unreachable(fields);
  }
};

const toKey = ({ name, holder, isCut, scopes, expiresInDays }: Extract<Fields, { intent: 'create' }>) =>
  createApiKeyRequestSchema.parse({
    name,
    ...(serviceAccountIdSchema.safeParse(holder).success ? { serviceAccountId: holder } : { role: holder }),
    scopes: isCut ? scopes : null,
    expiresInDays: expiresInDays === 'never' ? null : Number(expiresInDays),
  });

/** Does what one of the page's forms asks. */
export const writeAccess = async (request: Request, form: FormData): Promise<ActionResult<AccessDeed>> => {
  const parsed = formSchema.safeParse({ ...Object.fromEntries(form), scopes: form.getAll('scopes') });
  if (!parsed.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  try {
    return await attempt(request, () => act(request, parsed.data));
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const errors = error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    return refuse(request, 'Some fields need another look.', errors);
  }
};

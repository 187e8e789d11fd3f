import { recoveryCodesSchema, signInRulesSchema } from '@everwave/schema/api';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

export interface SecurityDeed {
  readonly said: string;
  /** Shown this once. */
  readonly codes?: readonly string[];
}

const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('password'), currentPassword: z.string(), newPassword: z.string() }),
  z.object({ intent: z.literal('codes'), password: z.string() }),
  z.object({ intent: z.literal('remove'), password: z.string() }),
  z.object({ intent: z.literal('rules'), requiresSecondFactor: z.enum(['true', 'false']) }),
]);

export const writeSecurity = async (request: Request, form: FormData): Promise<ActionResult<SecurityDeed>> => {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const fields = parsed.data;
  return attempt(request, async () => {
    switch (fields.intent) {
      case 'password': {
        const { currentPassword, newPassword } = fields;
        const body = { currentPassword, newPassword };
        await callApi(request, '/v1/me/password', z.unknown(), { method: 'POST', body });
        return { said: 'Your password is changed, and your other sessions are ended.' };
      }
      case 'codes': {
        const path = '/v1/me/second-factor/recovery-codes';
        const body = { password: fields.password };
        const { codes } = await callApi(request, path, recoveryCodesSchema, { method: 'POST', body });
        return { said: 'Keep these codes: they are shown now only, and the earlier ones no longer work.', codes };
      }
      case 'remove': {
        const path = '/v1/me/second-factor/remove';
        await callApi(request, path, z.unknown(), { method: 'POST', body: { password: fields.password } });
        return { said: 'The second factor is removed.' };
      }
      case 'rules': {
        const body = { requiresSecondFactor: fields.requiresSecondFactor === 'true' };
        await callApi(request, '/v1/org/sign-in-rules', signInRulesSchema, { method: 'PUT', body });
        return { said: 'In force with the next page that an owner or admin opens.' };
      }
    }
  });
};

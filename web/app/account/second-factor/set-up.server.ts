import { recoveryCodesSchema, secondFactorSecretSchema } from '@everwave/schema/api';
import { ApiError, type PageProblem } from '#app/api/api-error.ts';
import { callApi } from '#app/api/api.server.ts';

/** Where setting up stands: a secret that waits for its first code, or codes that are shown this once. */
export type SetUp =
  | { readonly secret: string; readonly uri: string; readonly problem?: PageProblem }
  | { readonly codes: readonly string[] }
  | { readonly problem: PageProblem };

/** The password gives a secret, and the app's first code turns it on. A refusal keeps what there was to see. */
export const setUp = async (request: Request, fields: Readonly<Record<string, unknown>>): Promise<SetUp> => {
  const { password, code, secret = '', uri = '' } = fields;
  try {
    if (code === undefined) {
      const path = '/v1/me/second-factor';
      return await callApi(request, path, secondFactorSecretSchema, { method: 'POST', body: { password } });
    }
    const path = '/v1/me/second-factor/confirm';
    return await callApi(request, path, recoveryCodesSchema, { method: 'POST', body: { code } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { problem } = error;
    return code === undefined ? { problem } : { secret: String(secret), uri: String(uri), problem };
  }
};

import { recoveryCodesSchema, type SecondFactorSecret, secondFactorSecretSchema } from '@everwave/schema/api';
import * as z from 'zod';
import { ApiError, type PageProblem } from '#app/api/api-error.ts';
import { callApi } from '#app/api/api.server.ts';
import { type QrCode, qrCode } from './qr-code.server.ts';

/** Where setting up stands: a secret that waits for its first code, or codes that are shown this once. */
export type SetUp =
  | { readonly secret: string; readonly uri: string; readonly qr: QrCode; readonly problem?: PageProblem }
  | { readonly codes: readonly string[] }
  | { readonly problem: PageProblem };

/** The password gives a secret, and the app's first code turns it on. A refusal keeps what there was to see. */
export const setUp = async (request: Request, fields: Readonly<Record<string, unknown>>): Promise<SetUp> => {
  const { password, code, secret, uri } = fields;
  try {
    if (code === undefined) {
      const path = '/v1/me/second-factor';
      return withQr(await callApi(request, path, secondFactorSecretSchema, { method: 'POST', body: { password } }));
    }
    const path = '/v1/me/second-factor/confirm';
    return await callApi(request, path, recoveryCodesSchema, { method: 'POST', body: { code } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { problem } = error;
    const kept = keptSchema.safeParse({ secret, uri });
    return kept.success ? { ...withQr(kept.data), problem } : { problem };
  }
};

/** What the form carries from one try to the next. Nothing else becomes a link. */
const keptSchema = z.object({
  secret: z.string().max(200),
  uri: z.string().startsWith('otpauth://totp/').max(1_000),
});

const withQr = (setUp: SecondFactorSecret) => ({ ...setUp, qr: qrCode(setUp.uri) });

import { maskedFieldNameSchema, maskedFieldSchema } from '@everwave/schema/api';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

const formSchema = z.object({ intent: z.enum(['mask', 'show']), field: z.string().trim() });

export interface MaskedFieldDeed {
  readonly said: string;
}

export const writeMaskedField = async (
  request: Request,
  form: FormData,
): Promise<ActionResult<MaskedFieldDeed> & { readonly typed?: string }> => {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const { intent, field: typed } = parsed.data;
  const name = maskedFieldNameSchema.safeParse(typed);
  if (!name.success) {
    const errors = name.error.issues.map(({ message }) => ({ path: 'field', message }));
    return { ...refuse(request, 'The field needs another look.', errors), typed };
  }
  const address = `/v1/masked-fields/${encodeURIComponent(name.data)}`;
  const result = await attempt(request, async () => {
    if (intent === 'mask') await callApi(request, address, maskedFieldSchema, { method: 'PUT' });
    else await callApi(request, address, z.unknown(), { method: 'DELETE' });
    return { said: intent === 'mask' ? `${name.data} is masked` : `${name.data} is shown again` };
  });
  return result.ok ? result : { ...result, typed };
};

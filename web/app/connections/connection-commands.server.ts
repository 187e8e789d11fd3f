import { connectionSchema, connectionTestSchema, credentialKindListSchema } from '@everwave/schema/api';
import { connectionIdSchema } from '@everwave/schema/ids';
import type { CredentialManifest } from '@everwave/schema/node';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';
import { readForm } from '#app/schema-form/read-form.ts';

export const readCredentialKinds = async (request: Request): Promise<readonly CredentialManifest[]> => {
  const { items } = await callApi(request, '/v1/credential-kinds', credentialKindListSchema);
  return items;
};

/** What was done, for the sentence that says so. */
export type ConnectionDeed =
  | { readonly did: 'created' | 'changed'; readonly name: string }
  | { readonly did: 'tested'; readonly ok: boolean; readonly message: string };

const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('test'), connectionId: connectionIdSchema }),
  z.object({ intent: z.literal('create'), kind: z.string(), name: z.string() }),
  z.object({
    intent: z.literal('change'),
    connectionId: connectionIdSchema,
    kind: z.string(),
    name: z.string(),
    replaceSecret: z.enum(['true', 'false']),
  }),
]);

/** Creates, changes or tests a connection as one of the page's forms asks. A secret travels inwards only. */
export const writeConnection = async (request: Request, form: FormData): Promise<ActionResult<ConnectionDeed>> => {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const fields = parsed.data;
  if (fields.intent === 'test') {
    return attempt(request, async () => {
      const test = await callApi(request, `/v1/connections/${fields.connectionId}/test`, connectionTestSchema, {
        method: 'POST',
      });
      const message = test.advice ? `${test.message} ${test.advice}` : test.message;
      return { did: 'tested', ok: test.status === 'ok', message };
    });
  }
  const kinds = await attempt(request, () => readCredentialKinds(request));
  if (!kinds.ok) return kinds;
  const kind = kinds.value.find((each) => each.kind === fields.kind);
  if (!kind) return refuse(request, 'This kind of connection is not known here any more. Reload the page.');

  const writesSecret = fields.intent === 'create' || fields.replaceSecret === 'true';
  const settings = readForm(kind.settings, form, 'settings');
  const secret = writesSecret ? readForm(kind.secret, form, 'secret') : null;
  const errors = [...(settings.ok ? [] : settings.errors), ...(secret && !secret.ok ? secret.errors : [])];
  if (!settings.ok || (secret && !secret.ok)) return refuse(request, 'Some fields need another look.', errors);

  const body = { name: fields.name, settings: settings.value, ...(secret ? { secret: secret.value } : {}) };
  return attempt(request, async () => {
    if (fields.intent === 'create') {
      const made = await callApi(request, '/v1/connections', connectionSchema, {
        method: 'POST',
        body: { ...body, kind: fields.kind },
      });
      return { did: 'created', name: made.name };
    }
    const changed = await callApi(request, `/v1/connections/${fields.connectionId}`, connectionSchema, {
      method: 'PATCH',
      body,
    });
    return { did: 'changed', name: changed.name };
  });
};

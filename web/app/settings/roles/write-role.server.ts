import { createRoleRequestSchema, roleSchema, updateRoleRequestSchema } from '@everwave/schema/api';
import { roleIdSchema } from '@everwave/schema/ids';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

/** What was done, for the sentence that says so. */
export interface RoleDeed {
  readonly did: 'created' | 'changed' | 'deleted';
  readonly name: string;
}

const typedSchema = z.object({
  roleId: roleIdSchema.optional(),
  name: z.string(),
  description: z.string(),
  permissions: z.array(z.string()),
});

/** What the form shows again when it was refused. */
export type TypedRole = z.output<typeof typedSchema>;
export type WrittenRole = ActionResult<RoleDeed> & { readonly typed?: TypedRole };

const formSchema = z.discriminatedUnion('intent', [
  typedSchema.extend({ intent: z.literal('save') }),
  z.object({ intent: z.literal('delete'), roleId: roleIdSchema, name: z.string() }),
]);

const save = (request: Request, { roleId, name, description, permissions }: TypedRole) => {
  const schema = roleId ? updateRoleRequestSchema : createRoleRequestSchema;
  const body = schema.safeParse({ name, description, permissions });
  if (!body.success) {
    const errors = body.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    return refuse(request, 'Some fields need another look.', errors);
  }
  return attempt<RoleDeed>(request, async () => {
    const role = roleId
      ? await callApi(request, `/v1/roles/${roleId}`, roleSchema, { method: 'PATCH', body: body.data })
      : await callApi(request, '/v1/roles', roleSchema, { method: 'POST', body: body.data });
    return { did: roleId ? 'changed' : 'created', name: role.name };
  });
};

/** Does what one of the page's forms asks. */
export const writeRole = async (request: Request, form: FormData): Promise<WrittenRole> => {
  const parsed = formSchema.safeParse({ ...Object.fromEntries(form), permissions: form.getAll('permissions') });
  if (!parsed.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const fields = parsed.data;
  if (fields.intent === 'delete') {
    return attempt(request, async () => {
      await callApi(request, `/v1/roles/${fields.roleId}`, z.unknown(), { method: 'DELETE' });
      return { did: 'deleted', name: fields.name };
    });
  }
  const result = await save(request, fields);
  return result.ok ? result : { ...result, typed: typedSchema.parse(fields) };
};

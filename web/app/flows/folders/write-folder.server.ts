import { folderRequestSchema, folderSchema } from '@everwave/schema/api';
import { folderIdSchema } from '@everwave/schema/ids';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

const { name } = folderRequestSchema.shape;
const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('create'), name }),
  z.object({ intent: z.literal('rename'), folderId: folderIdSchema, name }),
  z.object({ intent: z.literal('delete'), folderId: folderIdSchema, name }),
]);
type Fields = z.infer<typeof formSchema>;

/** What was done, for a sentence. */
export interface FolderDeed {
  readonly said: string;
}

const carryOut = async (request: Request, fields: Fields): Promise<string> => {
  const body = { name: fields.name };
  switch (fields.intent) {
    case 'create': {
      const made = await callApi(request, '/v1/folders', folderSchema, { method: 'POST', body });
      return `The folder ${made.name} is there. Move flows into it from their pages.`;
    }
    case 'rename': {
      const address = `/v1/folders/${fields.folderId}`;
      const renamed = await callApi(request, address, folderSchema, { method: 'PATCH', body });
      return `The folder is called ${renamed.name} now.`;
    }
    case 'delete':
      await callApi(request, `/v1/folders/${fields.folderId}`, z.unknown(), { method: 'DELETE' });
      return `The folder ${fields.name} is deleted.`;
  }
};

export const writeFolder = async (request: Request, sent: FormData): Promise<ActionResult<FolderDeed>> => {
  const form = formSchema.safeParse(Object.fromEntries(sent));
  if (form.success) return attempt(request, async () => ({ said: await carryOut(request, form.data) }));
  const errors = form.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return refuse(request, 'Some fields need another look.', errors);
};

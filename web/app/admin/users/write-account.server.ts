import { accountSchema } from '@everwave/schema/api';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

const formSchema = z.object({
  intent: z.enum(['suspend', 'restore', 'sendResetLink', 'giveAdministration', 'takeAdministration']),
  userId: z.string().regex(/^[\w-]{1,100}$/),
  name: z.string(),
});
type Fields = z.infer<typeof formSchema>;

const carryOut = async (request: Request, { intent, userId, name }: Fields): Promise<string> => {
  const address = `/v1/admin/users/${userId}`;
  switch (intent) {
    case 'suspend':
      await callApi(request, `${address}/suspend`, accountSchema, { method: 'POST' });
      return `${name} is suspended: nothing of theirs opens anything from now on. Their runs go on.`;
    case 'restore':
      await callApi(request, `${address}/restore`, accountSchema, { method: 'POST' });
      return `${name} may sign in again.`;
    case 'sendResetLink':
      await callApi(request, `${address}/reset-link`, z.unknown(), { method: 'POST' });
      return `A link that sets a new password is on its way to ${name}. It works once, within an hour.`;
    case 'giveAdministration':
      await callApi(request, `${address}/administrator`, accountSchema, { method: 'PUT' });
      return `${name} is an administrator of this installation.`;
    case 'takeAdministration':
      await callApi(request, `${address}/administrator`, accountSchema, { method: 'DELETE' });
      return `${name} is no administrator of this installation any more.`;
  }
};

export const writeAccount = async (request: Request, sent: FormData): Promise<ActionResult<{ said: string }>> => {
  const form = formSchema.safeParse(Object.fromEntries(sent));
  if (!form.success) return refuse(request, 'This form was not sent by this page. Reload it and try again.');
  return attempt(request, async () => ({ said: await carryOut(request, form.data) }));
};

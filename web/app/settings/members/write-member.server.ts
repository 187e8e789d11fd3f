import { changeMemberRequestSchema, memberSchema } from '@everwave/schema/api';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

const memberId = z.string().regex(/^[\w-]{1,100}$/);
const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('change'), memberId, role: changeMemberRequestSchema.shape.role }),
  z.object({ intent: z.literal('remove'), memberId, name: z.string() }),
]);

/** What was done, for a sentence. */
export interface MemberDeed {
  readonly said: string;
}

export const writeMember = (
  request: Request,
  sent: FormData,
): Promise<ActionResult<MemberDeed>> | ActionResult<never> => {
  const form = formSchema.safeParse(Object.fromEntries(sent));
  if (!form.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const fields = form.data;
  const address = `/v1/members/${fields.memberId}`;
  return attempt(request, async () => {
    if (fields.intent === 'remove') {
      await callApi(request, address, z.unknown(), { method: 'DELETE' });
      return { said: `${fields.name} is no member any more, and has no access from now on.` };
    }
    const body = { role: fields.role };
    const member = await callApi(request, address, memberSchema, { method: 'PATCH', body });
    return { said: `${member.name} has the role ${member.roleName} from now on.` };
  });
};

import {
  changeMemberRequestSchema,
  createInvitationRequestSchema,
  invitationSchema,
  memberSchema,
} from '@everwave/schema/api';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

const id = z.string().regex(/^[\w-]{1,100}$/);
const invitation = createInvitationRequestSchema.shape;
const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('change'), memberId: id, role: changeMemberRequestSchema.shape.role }),
  z.object({ intent: z.literal('remove'), memberId: id, name: z.string() }),
  z.object({ intent: z.literal('invite'), email: invitation.email, role: invitation.role }),
  z.object({ intent: z.literal('resend'), invitationId: id }),
  z.object({ intent: z.literal('revoke'), invitationId: id }),
]);
type Fields = z.infer<typeof formSchema>;

/** What was done, for a sentence. */
export interface MemberDeed {
  readonly said: string;
}

const carryOut = async (request: Request, fields: Fields): Promise<string> => {
  switch (fields.intent) {
    case 'change': {
      const { memberId, role } = fields;
      const init = { method: 'PATCH', body: { role } } as const;
      const member = await callApi(request, `/v1/members/${memberId}`, memberSchema, init);
      return `${member.name} has the role ${member.roleName} from now on.`;
    }
    case 'remove':
      await callApi(request, `/v1/members/${fields.memberId}`, z.unknown(), { method: 'DELETE' });
      return `${fields.name} is no member any more, and has no access from now on.`;
    case 'invite': {
      const { email, role } = fields;
      const init = { method: 'POST', body: { email, role } } as const;
      const made = await callApi(request, '/v1/invitations', invitationSchema, init);
      return `An invitation is on its way to ${made.email}.`;
    }
    case 'resend': {
      const address = `/v1/invitations/${fields.invitationId}/resend`;
      const sent = await callApi(request, address, invitationSchema, { method: 'POST' });
      return `Another invitation is on its way to ${sent.email}; the earlier link works no longer.`;
    }
    case 'revoke':
      await callApi(request, `/v1/invitations/${fields.invitationId}`, z.unknown(), { method: 'DELETE' });
      return 'The invitation is revoked; its link works no longer.';
  }
};

export const writeMember = async (request: Request, sent: FormData): Promise<ActionResult<MemberDeed>> => {
  const form = formSchema.safeParse(Object.fromEntries(sent));
  if (form.success) return attempt(request, async () => ({ said: await carryOut(request, form.data) }));
  const errors = form.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return refuse(request, 'Some fields need another look.', errors);
};

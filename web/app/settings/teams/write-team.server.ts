import { createTeamRequestSchema, teamSchema } from '@everwave/schema/api';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

const id = z.string().regex(/^[\w-]{1,100}$/);
const name = createTeamRequestSchema.shape.name;
const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('create'), name }),
  z.object({ intent: z.literal('rename'), teamId: id, name }),
  z.object({ intent: z.literal('delete'), teamId: id }),
  z.object({ intent: z.literal('add'), teamId: id, memberId: id }),
  z.object({ intent: z.literal('remove'), teamId: id, memberId: id, person: z.string() }),
]);
type Fields = z.infer<typeof formSchema>;

export interface TeamDeed {
  readonly said: string;
}

const carryOut = async (request: Request, fields: Fields): Promise<string> => {
  switch (fields.intent) {
    case 'create': {
      const body = { name: fields.name };
      const team = await callApi(request, '/v1/teams', teamSchema, { method: 'POST', body });
      return `The team ${team.name} is there. Take people in with Manage.`;
    }
    case 'rename': {
      const body = { name: fields.name };
      const team = await callApi(request, `/v1/teams/${fields.teamId}`, teamSchema, { method: 'PATCH', body });
      return `The team is called ${team.name} now.`;
    }
    case 'delete':
      await callApi(request, `/v1/teams/${fields.teamId}`, z.unknown(), { method: 'DELETE' });
      return 'The team is gone. Its members stay in the organisation.';
    case 'add': {
      const address = `/v1/teams/${fields.teamId}/members/${fields.memberId}`;
      const team = await callApi(request, address, teamSchema, { method: 'PUT' });
      const added = team.members.find((member) => member.id === fields.memberId);
      return `${added?.name ?? 'The person'} is in the team ${team.name}.`;
    }
    case 'remove': {
      const address = `/v1/teams/${fields.teamId}/members/${fields.memberId}`;
      await callApi(request, address, z.unknown(), { method: 'DELETE' });
      return `${fields.person} is not in the team any more.`;
    }
  }
};

export const writeTeam = async (request: Request, sent: FormData): Promise<ActionResult<TeamDeed>> => {
  const form = formSchema.safeParse(Object.fromEntries(sent));
  if (form.success) return attempt(request, async () => ({ said: await carryOut(request, form.data) }));
  const errors = form.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return refuse(request, 'Some fields need another look.', errors);
};

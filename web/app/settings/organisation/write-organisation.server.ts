import {
  acceptOwnershipRequestSchema,
  deleteOrgRequestSchema,
  offerOwnershipRequestSchema,
  orgSchema,
  ownershipSchema,
  updateOrgRequestSchema,
} from '@everwave/schema/api';
import { redirect } from 'react-router';
import * as z from 'zod';
import { createOrganisation, newOrganisationSchema } from '#app/people/create-organisation.server.ts';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

const deletion = deleteOrgRequestSchema.shape;
const offered = offerOwnershipRequestSchema.shape;
const formSchema = z.discriminatedUnion('intent', [
  z.object({
    intent: z.literal('offer'),
    memberId: offered.memberId,
    password: offered.password,
    isShared: z.literal('on').optional(),
  }),
  z.object({ intent: z.literal('accept'), password: acceptOwnershipRequestSchema.shape.password }),
  z.object({ intent: z.literal('rename'), ...updateOrgRequestSchema.shape }),
  newOrganisationSchema,
  z.object({
    intent: z.literal('delete'),
    confirmed: deletion.name,
    password: deletion.password,
    cancelRuns: z.literal('on').optional(),
  }),
  z.object({ intent: z.literal('endOffer') }),
  z.object({ intent: z.literal('leave'), orgId: z.string().regex(/^org_[0-9a-f]{32}$/) }),
]);
type Fields = z.infer<typeof formSchema>;

export interface OrganisationDeed {
  readonly said: string;
}

const carryOut = async (request: Request, fields: Fields): Promise<OrganisationDeed> => {
  switch (fields.intent) {
    case 'offer': {
      const { memberId, password, isShared } = fields;
      const body = { memberId, password, isShared: isShared !== undefined };
      const { offer } = await callApi(request, '/v1/ownership/offer', ownershipSchema, { method: 'POST', body });
      return { said: `${offer?.to.name ?? 'The member'} has to accept now, within three days.` };
    }
    case 'accept': {
      const body = { password: fields.password };
      await callApi(request, '/v1/ownership/accept', z.unknown(), { method: 'POST', body });
      return { said: 'The organisation is yours.' };
    }
    case 'rename': {
      const { name, slug } = fields;
      const org = await callApi(request, '/v1/org', orgSchema, { method: 'PATCH', body: { name, slug } });
      return { said: `The organisation is called ${org.name}, with the slug ${org.slug}.` };
    }
    case 'create':
      return createOrganisation(request, fields.newName);
    case 'delete': {
      const { confirmed: name, password, cancelRuns } = fields;
      const body = { name, password, cancelRuns: cancelRuns !== undefined };
      await callApi(request, '/v1/org/deletion', z.unknown(), { method: 'POST', body });
      // oxlint-disable-next-line typescript/only-throw-error -- React Router takes redirects as thrown values
      throw redirect('/choose-organisation');
    }
    case 'endOffer':
      await callApi(request, '/v1/ownership/offer', z.unknown(), { method: 'DELETE' });
      return { said: 'The offer is gone; nothing has changed.' };
    case 'leave':
      await callApi(request, `/v1/me/orgs/${fields.orgId}`, z.unknown(), { method: 'DELETE' });
      // oxlint-disable-next-line typescript/only-throw-error -- React Router takes redirects as thrown values
      throw redirect('/choose-organisation');
  }
};

export const writeOrganisation = async (request: Request, sent: FormData): Promise<ActionResult<OrganisationDeed>> => {
  const form = formSchema.safeParse(Object.fromEntries(sent));
  if (form.success) return attempt(request, () => carryOut(request, form.data));
  const errors = form.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return refuse(request, 'Some fields need another look.', errors);
};

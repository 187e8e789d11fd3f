import { createOrgRequestSchema, myOrgSchema } from '@everwave/schema/api';
import { redirect } from 'react-router';
import * as z from 'zod';
import { callApi } from '#app/api/api.server.ts';

export const newOrganisationSchema = z.object({
  intent: z.literal('create'),
  newName: createOrgRequestSchema.shape.name,
});

/** Ends in the new organisation. */
export const createOrganisation = async (request: Request, name: string): Promise<never> => {
  await callApi(request, '/v1/orgs', myOrgSchema, { method: 'POST', body: { name } });
  // oxlint-disable-next-line typescript/only-throw-error -- React Router takes redirects as thrown values
  throw redirect('/');
};

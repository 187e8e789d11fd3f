import { switchOrgRequestSchema } from '@everwave/schema/api';
import { redirect } from 'react-router';
import * as z from 'zod';
import { attempt, callApi } from '#app/api/api.server.ts';
import type { Route } from './+types/route.ts';

export const loader = () => redirect('/');

/** Lets this session work in another organisation. What does not work ends at the list of those that do. */
export const action = async ({ request }: Route.ActionArgs) => {
  const body = switchOrgRequestSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!body.success) return redirect('/choose-organisation');
  const result = await attempt(request, () =>
    callApi(request, '/v1/me/org', z.unknown(), { method: 'PUT', body: body.data }),
  );
  return redirect(result.ok ? '/' : '/choose-organisation');
};

import { approvalSchema } from '@everwave/schema/api';
import { redirect } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import type { Route } from './+types/route.ts';

/** A link from a message: its recipient, signed in, comes to the form; the answer uses it up. */
export const loader = async ({ request, params }: Route.LoaderArgs) => {
  const { id } = await load(request, () =>
    callApi(request, `/v1/approval-links/${encodeURIComponent(params.token)}`, approvalSchema),
  );
  return redirect(`/approvals/${id}?${new URLSearchParams({ link: params.token })}`);
};

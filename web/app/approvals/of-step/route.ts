import { approvalListSchema } from '@everwave/schema/api';
import { data, redirect } from 'react-router';
import { callApi, load } from '#app/api/api.server.ts';
import type { Route } from './+types/route.ts';

/** What `steps.<id>.url` leads to: the newest question of a step. */
export const loader = async ({ request, params }: Route.LoaderArgs) => {
  const { items } = await load(request, () =>
    callApi(request, '/v1/approvals', approvalListSchema, {
      query: { state: 'all', runId: params.runId, path: params.path, limit: 1 },
    }),
  );
  const [newest] = items;
  if (newest) return redirect(`/approvals/${newest.id}`);
  // oxlint-disable-next-line typescript/only-throw-error -- React Router takes refusals as thrown values
  throw data(
    {
      status: 404,
      code: 'approval_not_found',
      title: 'Nobody has been asked here yet',
      detail: 'The run has not come to this step, or you cannot see it. Reload in a moment, or open Approvals.',
      errors: [],
      requestId: request.headers.get('x-request-id') ?? '',
    },
    { status: 404 },
  );
};

import { systemStatusSchema } from '@everwave/schema/api';
import { callApi, ifAllowed, load } from '#app/api/api.server.ts';
import { namesOfUnserved } from './unserved-queues.ts';
import type { Route } from './+types/route.ts';

/** The queues that no worker serves, for the page of a run, which does not wait for Temporal to be asked. */
export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const status = await ifAllowed(callApi(request, '/v1/system/status', systemStatusSchema));
    return { unserved: namesOfUnserved(status?.taskQueues ?? []) };
  });

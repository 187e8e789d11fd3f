import { unservedQueuesSchema } from '@everwave/schema/api';
import { callApi, load } from '#app/api/api.server.ts';
import type { Route } from './+types/route.ts';

/** The queues that no worker serves, for the page of a run, which does not wait for Temporal to be asked. */
export const loader = ({ request }: Route.LoaderArgs) =>
  load(request, async () => {
    const { items } = await callApi(request, '/v1/system/unserved-queues', unservedQueuesSchema);
    return { unserved: items };
  });

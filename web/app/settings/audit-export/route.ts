import { fetchApi } from '#app/api/api.server.ts';
import { filterQuery, readFilter } from '../audit/audit-filter.ts';
import type { Route } from './+types/route.ts';

/** The entries that the filter in the address lets through, as the api streams them. */
export const loader = async ({ request }: Route.LoaderArgs): Promise<Response> => {
  const search = new URL(request.url).searchParams;
  const answer = await fetchApi(request, '/v1/audit/export', {
    query: { ...filterQuery(readFilter(search)), format: search.get('format') === 'csv' ? 'csv' : 'jsonl' },
    isDownload: true,
  });
  const headers = new Headers({
    'cache-control': 'private, no-store',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  });
  for (const name of ['content-type', 'content-disposition']) {
    const value = answer.headers.get(name);
    if (value) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
};

import { runIdSchema } from '@everwave/schema/ids';
import { fetchApi } from '#app/api/api.server.ts';
import type { Route } from './+types/route.ts';

/** A file of a run as the api streams it, to be saved. */
export const loader = async ({ request, params }: Route.LoaderArgs): Promise<Response> => {
  const runId = runIdSchema.parse(params.runId);
  const answer = await fetchApi(request, `/v1/runs/${runId}/files/${encodeURIComponent(params.sha256)}`, {
    isDownload: true,
  });
  const headers = new Headers({
    'cache-control': 'private, no-store',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  });
  for (const name of ['content-type', 'content-length', 'content-disposition']) {
    const value = answer.headers.get(name);
    if (value) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
};

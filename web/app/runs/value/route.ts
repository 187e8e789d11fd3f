import { runIdSchema } from '@everwave/schema/ids';
import { fetchApi } from '#app/api/api.server.ts';
import { unmaskQueryOf } from './unmask.ts';
import type { Route } from './+types/route.ts';

/** A step's whole input or output, or what the run gave, as the api streams it: to be shown, or saved as a file. */
export const loader = async ({ request, params }: Route.LoaderArgs): Promise<Response> => {
  const runId = runIdSchema.parse(params.runId);
  const { searchParams } = new URL(request.url);
  const [path, of, ordinal] = ['path', 'of', 'ordinal'].map((name) => searchParams.get(name) ?? '');
  const what = of === 'input' ? 'input' : 'output';
  const place = path ? `steps/${encodeURIComponent(path)}/${what}` : 'output';
  const answer = await fetchApi(request, `/v1/runs/${runId}/${place}`, {
    query: { ordinal: ordinal || undefined, ...unmaskQueryOf(request) },
    isDownload: true,
  });
  const headers = new Headers({ 'cache-control': 'private, no-store' });
  for (const name of ['content-type', 'content-length']) {
    const value = answer.headers.get(name);
    if (value) headers.set(name, value);
  }
  const file = [runId, path, what]
    .filter(Boolean)
    .join('.')
    .replaceAll(/[^\w.-]+/g, '_');
  if (answer.ok) headers.set('content-disposition', `attachment; filename="${file}.json"`);
  return new Response(answer.body, { status: answer.status, headers });
};

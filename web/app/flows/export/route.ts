import { flowExportSchema, flowSchema } from '@everwave/schema/api';
import { callApi, load } from '#app/api/api.server.ts';
import type { Route } from './+types/route.ts';

/** The flow as a file, to be saved: its draft, or the version that the address names. */
export const loader = ({ request, params }: Route.LoaderArgs) =>
  load(request, async () => {
    const version = new URL(request.url).searchParams.get('version') ?? undefined;
    const address = `/v1/flows/${encodeURIComponent(params.flowId)}`;
    const [flow, file] = await Promise.all([
      callApi(request, address, flowSchema),
      callApi(request, `${address}/export`, flowExportSchema, { query: { version } }),
    ]);
    const name = flow.name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-+|-+$/g, '') || 'flow';
    return new Response(`${JSON.stringify(file, null, 2)}\n`, {
      headers: {
        'content-type': 'application/json',
        'content-disposition': `attachment; filename="flow.json"; filename*=UTF-8''${encodeURIComponent(`${name}.json`)}`,
        'cache-control': 'private, no-store',
      },
    });
  });

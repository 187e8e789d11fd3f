import { nodeKindListSchema } from '@everwave/schema/api';
import type { NodeManifest } from '@everwave/schema/node';
import { callApi } from '#app/api/api.server.ts';

/** Every node kind as data; what a card needs to be drawn. */
export const readNodeKinds = async (request: Request): Promise<readonly NodeManifest[]> => {
  const { items } = await callApi(request, '/v1/node-kinds', nodeKindListSchema);
  // The schema's shape is the manifest's; zod cannot say the union inside `idempotency` and `activity`.
  return items as unknown as readonly NodeManifest[];
};

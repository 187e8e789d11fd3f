import { accessSchema, granteeListSchema, roleListSchema } from '@everwave/schema/api';
import { callApi, ifAllowed } from '#app/api/api.server.ts';

/** What a page about access shows, beside the thing's name; nobody to choose from for those who may only look. */
export const readAccess = async (request: Request, address: string) => {
  const [access, grantees, roles] = await Promise.all([
    callApi(request, `${address}/access`, accessSchema),
    ifAllowed(callApi(request, '/v1/grantees', granteeListSchema)),
    ifAllowed(callApi(request, '/v1/roles', roleListSchema)),
  ]);
  return {
    access,
    grantees: grantees?.items ?? [],
    own: roles?.items.filter(({ isBuiltIn }) => !isBuiltIn) ?? [],
  };
};
export type ReadAccess = Awaited<ReturnType<typeof readAccess>>;

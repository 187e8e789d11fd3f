import { updateProfileRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, jsonBody, personOf, problems } from '../../http/operation.ts';
import { updateProfile as update } from '../../services/identity/profile.ts';

export const updateProfile = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/me',
    operationId: 'updateProfile',
    tags: ['Sign-in'],
    summary: 'Changes your name or user name',

    ...allowSignedIn(),
    request: { ...jsonBody(updateProfileRequestSchema) },
    responses: { 204: { description: 'Changed.' }, ...problems(400, 401, 403, 409, 415, 429) },
  }),
  handler: async (c) => {
    await update(personOf(c), c.req.valid('json'));
    return c.body(null, 204);
  },
});

import { secondStepRequestSchema, signInReplySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems, refusedRequest, reply } from '../../http/operation.ts';
import { noteIfRefused } from '../../services/audit/note-refusal.ts';
import { takeSecondStep as goOn } from '../../services/identity/sign-in.ts';

export const takeSecondStep = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/sign-in/second-factor',
    operationId: 'takeSecondStep',
    tags: ['Sign-in'],
    summary: 'Signs a person in with the second factor',

    ...openToAll('What the first step gave is the proof of the password. Tries are counted.'),
    request: { ...jsonBody(secondStepRequestSchema) },
    responses: {
      200: reply('Signed in: the answer sets the session cookie.', signInReplySchema),
      ...problems(400, 401, 403, 415, 429),
    },
  }),
  handler: async (c) => {
    const given = c.req.valid('json');
    const { reply: answer, cookies } = await noteIfRefused(refusedRequest(c), given, () =>
      goOn(dependenciesOf(c), c.req.raw.headers, given),
    );
    for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
    return c.json(answer, 200);
  },
});

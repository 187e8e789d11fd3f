import { migrateReplySchema, migrationListSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { data } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, refuse } from '#app/api/api.server.ts';
import type { Route } from './+types/route.ts';

const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('list') }),
  z.object({ intent: z.literal('migrate'), key: z.uuid(), version: z.coerce.number().int().min(1) }),
]);

/** Asks under which versions the run can go on, or has it do so under one. */
export const action = async ({ request, params }: Route.ActionArgs) => {
  const runId = runIdSchema.safeParse(params.runId);
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!runId.success || !form.success) {
    return data(refuse(request, 'The page sent something unexpected. Reload it and try again.'), { status: 400 });
  }
  const path = `/v1/runs/${runId.data}`;
  const asked = form.data;
  const result = await attempt(request, async () => {
    if (asked.intent === 'list') {
      const { items } = await callApi(request, `${path}/migrations?limit=20`, migrationListSchema);
      return { versions: items, migrated: null };
    }
    const body = { version: asked.version, requestId: asked.key };
    const migrated = await callApi(request, `${path}/migrate`, migrateReplySchema, { method: 'POST', body });
    return { versions: null, migrated };
  });
  return result.ok ? result : data(result, { status: result.problem.status });
};
